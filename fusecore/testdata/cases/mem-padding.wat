;; Padding of the receiver's memory stays as it was, and the sender's padding is not copied: records in a list, variant
;; payloads that a case does not use, and bytes of a bool beyond its first.
;;! assert_return run(0) -> 12297829382473034240
;;! assert_return run(1) -> 72057598349737985
;;! assert_return run(2) -> 12297829382473034325
(component
  (type $ignore (record (field "a" u8)))
  (component $B
    (type $r0 (record (field "a" u8) (field "b" u64)))
    (export $r "r" (type $r0))
    (type $v0 (variant (case "a" u8) (case "b" u64)))
    (export $v "v" (type $v0))
    (core module $M
      (memory (export "m") 1)
      (global $k (mut i64) (i64.const 0))
      (func (export "realloc") (param i32 i32 i32 i32) (result i32)
        (memory.fill (i32.const 64) (i32.const 0xaa) (i32.const 64)) (i32.const 64))
      (func (export "f") (param i32 i32) (result i64) (i64.load (local.get 0)))
      (func (export "g") (param i32 i32) (result i64)
        (i64.and (i64.load offset=8 (local.get 0)) (i64.const -1))))
    (core instance $m (instantiate $M))
    (func (export "f") (param "s" (list $r)) (result u64) (canon lift (core func $m "f") (memory $m "m") (realloc (func $m "realloc"))))
    (func (export "b") (param "s" (list bool)) (result u64) (canon lift (core func $m "f") (memory $m "m") (realloc (func $m "realloc"))))
    (func (export "v-payload") (param "s" (list $v)) (result u64) (canon lift (core func $m "g") (memory $m "m") (realloc (func $m "realloc")))))
  (component $A
    (type $r0 (record (field "a" u8) (field "b" u64)))
    (import "r" (type $r (eq $r0)))
    (type $v0 (variant (case "a" u8) (case "b" u64)))
    (import "v" (type $v (eq $v0)))
    (import "f" (func $f (param "s" (list $r)) (result u64)))
    (import "b" (func $b (param "s" (list bool)) (result u64)))
    (import "v-payload" (func $v-payload (param "s" (list $v)) (result u64)))
    (core module $Mem (memory (export "m") 1)
      (data (i32.const 0) "\00\55\55\55\55\55\55\55\55\55\55\55\55\55\55\55")
      (data (i32.const 16) "\03\00\ff\02\01\00\00\80"))
    (core instance $mem (instantiate $Mem))
    (core func $f' (canon lower (func $f) (memory $mem "m")))
    (core func $b' (canon lower (func $b) (memory $mem "m")))
    (core func $v' (canon lower (func $v-payload) (memory $mem "m")))
    (core module $M
      (type $t (func (param i32 i32) (result i64)))
      (import "" "0" (func $f (type $t)))
      (import "" "1" (func $b (type $t)))
      (import "" "2" (func $v (type $t)))
      (func (export "run") (param i32) (result i64)
        (if (i32.eq (local.get 0) (i32.const 0)) (then (return (call $f (i32.const 0) (i32.const 1)))))
        (if (i32.eq (local.get 0) (i32.const 1)) (then (return (call $b (i32.const 16) (i32.const 8)))))
        (call $v (i32.const 0) (i32.const 1))))
    (core instance $m (instantiate $M (with "" (instance (export "0" (func $f')) (export "1" (func $b')) (export "2" (func $v'))))))
    (func (export "run") (param "k" u32) (result u64) (canon lift (core func $m "run"))))
  (instance $b (instantiate $B))
  (instance $a (instantiate $A (with "r" (type $b "r")) (with "v" (type $b "v")) (with "f" (func $b "f")) (with "b" (func $b "b")) (with "v-payload" (func $b "v-payload"))))
  (export "run" (func $a "run")))
