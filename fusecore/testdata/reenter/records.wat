;; An export with a handle and a string is called back while the host answers with records that hold strings.
;;! resource host#r
;;! host host#h -> [{a: 1, s: "x"}, {a: 2, s: "y"}]
;;! instance records
;;! assert_return go(host(1)) -> [{a: 1, s: "x"}, {a: 2, s: "y"}]
;;!   host#h(host(1)) -> [{a: 1, s: "x"}, {a: 2, s: "y"}]
;;!     assert_trap g(host(2), "SECRET-OF-B-SECRET-OF-B-SECRET-OF-B-SECRET-OF-B") "cannot enter component instance"
(component
  (import "host" (instance $host
    (export "r" (type $r (sub resource)))
    (type $rec0 (record (field "a" u64) (field "s" string))) (export "rec" (type $rec (eq $rec0)))
    (export "h" (func (param "r" (own $r)) (result (list $rec))))))
  (alias export $host "r" (type $r)) (alias export $host "rec" (type $rec))
  (alias export $host "h" (func $h))
  (component $A
    (import "r" (type $r (sub resource)))
    (type $rec0 (record (field "a" u64) (field "s" string))) (import "rec" (type $rec (eq $rec0)))
    (import "h" (func $h (param "r" (own $r)) (result (list $rec))))
    (core module $lm (memory (export "memory") 1)
      (global $t (mut i32) (i32.const 1024))
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local i32)
        (local.set 4 (i32.and (i32.add (global.get $t) (i32.const 15)) (i32.const -16)))
        (global.set $t (i32.add (local.get 4) (local.get 3)))
        (local.get 4)))
    (core instance $l (instantiate $lm))
    (core func $ch (canon lower (func $h) (memory $l "memory") (realloc (func $l "realloc"))))
    (core module $m (import "" "h" (func $h (param i32 i32)))
      (func (export "go") (param i32) (result i32) (call $h (local.get 0) (i32.const 8)) (i32.const 8)))
    (core instance $i (instantiate $m (with "" (instance (export "h" (func $ch))))))
    (func (export "go") (param "r" (own $r)) (result (list $rec)) (canon lift (core func $i "go") (memory $l "memory") (realloc (func $l "realloc")))))
  (instance $a (instantiate $A (with "r" (type $r)) (with "rec" (type $rec)) (with "h" (func $h))))
  (component $B
    (import "r" (type $r (sub resource)))
    (core func $drop (canon resource.drop $r))
    (core module $lm (memory (export "memory") 1)
      (global $t (mut i32) (i32.const 1024))
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local i32)
        (local.set 4 (i32.and (i32.add (global.get $t) (i32.const 15)) (i32.const -16)))
        (global.set $t (i32.add (local.get 4) (local.get 3)))
        (local.get 4)))
    (core instance $l (instantiate $lm))
    (core module $m (import "" "drop" (func $d (param i32))) (import "l" "memory" (memory 1))
      (func (export "g") (param i32 i32 i32) (result i32) (call $d (local.get 0)) (i32.store (i32.const 8) (local.get 1)) (i32.store (i32.const 12) (local.get 2)) (i32.const 8)))
    (core instance $i (instantiate $m (with "l" (instance $l)) (with "" (instance (export "drop" (func $drop))))))
    (func (export "g") (param "r" (own $r)) (param "s" string) (result string) (canon lift (core func $i "g") (memory $l "memory") (realloc (func $l "realloc")))))
  (instance $b (instantiate $B (with "r" (type $r))))
  (export "ty" (type $rec))
  (export "go" (func $a "go"))
  (export "g" (func $b "g")))
