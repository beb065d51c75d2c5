;; Pointers that the caller gives: alignment and bounds are checked at the edge, at length 0, and where pointer plus length
;; or length times size overflow. Kinds: 0 string, 1 list u8, 2 list u32, 3 list of 24-byte records, 4 list string.
;;! assert_return run(0, 65536, 0) -> 0
;;! assert_trap run(0, 65537, 0) "out-of-bounds pointer"
;;! assert_return run(0, 65535, 1) -> 1
;;! assert_trap run(0, 65535, 2) "out-of-bounds pointer"
;;! assert_trap run(0, 4294967295, 1) "out-of-bounds pointer"
;;! assert_trap run(0, 4294967295, 0) "out-of-bounds pointer"
;;! assert_trap run(0, 1, 4294967295) "string too long"
;;! assert_trap run(0, 0, 2147483648) "string too long"
;;! assert_return run(0, 0, 65536) -> 65536
;;! assert_return run(1, 0, 65536) -> 65536
;;! assert_trap run(1, 0, 65537) "out-of-bounds pointer"
;;! assert_trap run(2, 2, 0) "misaligned pointer"
;;! assert_return run(2, 65536, 0) -> 0
;;! assert_return run(2, 0, 16384) -> 16384
;;! assert_trap run(2, 0, 16385) "out-of-bounds pointer"
;;! assert_trap run(2, 0, 1073741824) "list too long"
;;! assert_trap run(2, 0, 1073741825) "list too long"
;;! assert_trap run(2, 4, 16384) "out-of-bounds pointer"
;;! assert_trap run(3, 4, 1) "misaligned pointer"
;;! assert_return run(3, 8, 1) -> 1
;;! assert_return run(3, 0, 2730) -> 2730
;;! assert_trap run(3, 0, 2731) "out-of-bounds pointer"
;;! assert_trap run(3, 0, 178956971) "list too long"
;;! assert_return run(3, 65536, 0) -> 0
;;! assert_return run(4, 0, 8192) -> 8192
;;! assert_trap run(4, 2, 0) "misaligned pointer"
;;! assert_trap run(4, 0, 536870912) "list too long"
;;! assert_trap run(4, 0, 536870913) "list too long"
(component
  (component $B
    (type $r0 (record (field "a" u8) (field "b" u64) (field "c" u16)))
    (export $r "r" (type $r0))
    (core module $M
      (memory (export "m") 4)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 64))
      (func (export "f") (param i32 i32) (result i32) (local.get 1)))
    (core instance $m (instantiate $M))
    (func (export "f0") (param "s" string) (result u32) (canon lift (core func $m "f") (memory $m "m") (realloc (func $m "realloc"))))
    (func (export "f1") (param "s" (list u8)) (result u32) (canon lift (core func $m "f") (memory $m "m") (realloc (func $m "realloc"))))
    (func (export "f2") (param "s" (list u32)) (result u32) (canon lift (core func $m "f") (memory $m "m") (realloc (func $m "realloc"))))
    (func (export "f3") (param "s" (list $r)) (result u32) (canon lift (core func $m "f") (memory $m "m") (realloc (func $m "realloc"))))
    (func (export "f4") (param "s" (list string)) (result u32) (canon lift (core func $m "f") (memory $m "m") (realloc (func $m "realloc")))))
  (component $A
    (type $r0 (record (field "a" u8) (field "b" u64) (field "c" u16)))
    (import "r" (type $r (eq $r0)))
    (import "f0" (func $f0 (param "s" string) (result u32)))
    (import "f1" (func $f1 (param "s" (list u8)) (result u32)))
    (import "f2" (func $f2 (param "s" (list u32)) (result u32)))
    (import "f3" (func $f3 (param "s" (list $r)) (result u32)))
    (import "f4" (func $f4 (param "s" (list string)) (result u32)))
    (core module $Mem (memory (export "m") 1))
    (core instance $mem (instantiate $Mem))
    (core func $f0' (canon lower (func $f0) (memory $mem "m")))
    (core func $f1' (canon lower (func $f1) (memory $mem "m")))
    (core func $f2' (canon lower (func $f2) (memory $mem "m")))
    (core func $f3' (canon lower (func $f3) (memory $mem "m")))
    (core func $f4' (canon lower (func $f4) (memory $mem "m")))
    (core module $M
      (type $t (func (param i32 i32) (result i32)))
      (import "" "0" (func $f0 (type $t)))
      (import "" "1" (func $f1 (type $t)))
      (import "" "2" (func $f2 (type $t)))
      (import "" "3" (func $f3 (type $t)))
      (import "" "4" (func $f4 (type $t)))
      (table funcref (elem $f0 $f1 $f2 $f3 $f4))
      (func (export "run") (param i32 i32 i32) (result i32)
        (call_indirect (type $t) (local.get 1) (local.get 2) (local.get 0))))
    (core instance $m (instantiate $M (with "" (instance (export "0" (func $f0')) (export "1" (func $f1')) (export "2" (func $f2'))
      (export "3" (func $f3')) (export "4" (func $f4'))))))
    (func (export "run") (param "k" u32) (param "p" u32) (param "n" u32) (result u32) (canon lift (core func $m "run"))))
  (instance $b (instantiate $B))
  (instance $a (instantiate $A (with "r" (type $b "r")) (with "f0" (func $b "f0")) (with "f1" (func $b "f1")) (with "f2" (func $b "f2"))
    (with "f3" (func $b "f3")) (with "f4" (func $b "f4"))))
  (export "run" (func $a "run")))
