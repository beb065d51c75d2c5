;; A function that the host calls with a handle and strings, which pass through the boundary memory, calls the host n times
;; with them, and each time goes on with the strings that the host answers with. A second component holds handles too.
;;! part
(component
  (import "host" (instance $host
    (export "r" (type $r (sub resource)))
    (export "h" (func (param "r" (borrow $r)) (param "s" (list string)) (result (list string))))))
  (alias export $host "r" (type $r))
  (alias export $host "h" (func $h))
  (core module $Mem
    (memory (export "memory") 16)
    (global $t (mut i32) (i32.const 1024))
    (func (export "reset") (global.set $t (i32.const 1024)))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local i32)
      (local.set 4 (i32.and (i32.add (global.get $t) (i32.const 15)) (i32.const -16)))
      (global.set $t (i32.add (local.get 4) (local.get 3)))
      (local.get 4)))
  (component $A
    (import "r" (type $r (sub resource)))
    (import "h" (func $h (param "r" (borrow $r)) (param "s" (list string)) (result (list string))))
    (core instance $l (instantiate $Mem))
    (core func $h' (canon lower (func $h) (memory $l "memory") (realloc (func $l "realloc"))))
    (core func $drop (canon resource.drop $r))
    (core module $M
      (import "" "h" (func $h (param i32 i32 i32 i32)))
      (import "" "drop" (func $drop (param i32)))
      (import "l" "memory" (memory 16))
      (import "l" "reset" (func $reset))
      (func (export "go") (param $r i32) (param $s i32) (param $sl i32) (param $n i32) (result i32)
        (i32.store (i32.const 8) (local.get $s))
        (i32.store (i32.const 12) (local.get $sl))
        (loop $again
          (if (local.get $n) (then
            (call $h (local.get $r) (i32.load (i32.const 8)) (i32.load (i32.const 12)) (i32.const 8))
            (local.set $n (i32.sub (local.get $n) (i32.const 1)))
            (br $again))))
        (call $drop (local.get $r))
        (i32.const 8))
      (func (export "post") (param i32) (call $reset)))
    (core instance $i (instantiate $M (with "l" (instance $l)) (with "" (instance (export "h" (func $h')) (export "drop" (func $drop))))))
    (func (export "go") (param "r" (own $r)) (param "s" (list string)) (param "n" u32) (result (list string))
      (canon lift (core func $i "go") (memory $l "memory") (realloc (func $l "realloc")) (post-return (func $i "post")))))
  (instance $a (instantiate $A (with "r" (type $r)) (with "h" (func $h))))
  (component $B
    (import "r" (type $r (sub resource)))
    (core func $drop (canon resource.drop $r))
    (core module $M (import "" "drop" (func $drop (param i32)))
      (func (export "take") (param i32) (call $drop (local.get 0))))
    (core instance $i (instantiate $M (with "" (instance (export "drop" (func $drop))))))
    (func (export "take") (param "r" (own $r)) (canon lift (core func $i "take"))))
  (instance $b (instantiate $B (with "r" (type $r))))
  (export "go" (func $a "go"))
  (export "take" (func $b "take")))
