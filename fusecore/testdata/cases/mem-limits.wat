;; A list or string may have at most 2^28-1 bytes (CanonicalABI.md, MAX_LIST_BYTE_LENGTH and MAX_STRING_BYTE_LENGTH).
;; Kinds: 0 string, 1 list u8, 2 list u64, 3 UTF-16 string as UTF-16.
;;! assert_return run(0, 268435455) -> 268435455
;;! assert_trap run(0, 268435456) "string too long"
;;! assert_return run(1, 268435455) -> 268435455
;;! assert_trap run(1, 268435456) "list too long"
;;! assert_return run(2, 33554431) -> 33554431
;;! assert_trap run(2, 33554432) "list too long"
;;! assert_return run(3, 134217727) -> 134217727
;;! assert_trap run(3, 134217728) "string too long"
(component
  (component $B
    (core module $M
      (memory (export "m") 4097)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 64))
      (func (export "f") (param i32 i32) (result i32) (local.get 1)))
    (core instance $m (instantiate $M))
    (func (export "f0") (param "s" string) (result u32) (canon lift (core func $m "f") (memory $m "m") (realloc (func $m "realloc"))))
    (func (export "f1") (param "s" (list u8)) (result u32) (canon lift (core func $m "f") (memory $m "m") (realloc (func $m "realloc"))))
    (func (export "f2") (param "s" (list u64)) (result u32) (canon lift (core func $m "f") (memory $m "m") (realloc (func $m "realloc"))))
    (func (export "f3") (param "s" string) (result u32) (canon lift (core func $m "f") string-encoding=utf16 (memory $m "m") (realloc (func $m "realloc")))))
  (component $A
    (import "f0" (func $f0 (param "s" string) (result u32)))
    (import "f1" (func $f1 (param "s" (list u8)) (result u32)))
    (import "f2" (func $f2 (param "s" (list u64)) (result u32)))
    (import "f3" (func $f3 (param "s" string) (result u32)))
    (core module $Mem (memory (export "m") 4097))
    (core instance $mem (instantiate $Mem))
    (core func $f0' (canon lower (func $f0) (memory $mem "m")))
    (core func $f1' (canon lower (func $f1) (memory $mem "m")))
    (core func $f2' (canon lower (func $f2) (memory $mem "m")))
    (core func $f3' (canon lower (func $f3) string-encoding=utf16 (memory $mem "m")))
    (core module $M
      (type $t (func (param i32 i32) (result i32)))
      (import "" "0" (func $f0 (type $t)))
      (import "" "1" (func $f1 (type $t)))
      (import "" "2" (func $f2 (type $t)))
      (import "" "3" (func $f3 (type $t)))
      (table funcref (elem $f0 $f1 $f2 $f3))
      (func (export "run") (param i32 i32) (result i32)
        (call_indirect (type $t) (i32.const 0) (local.get 1) (local.get 0))))
    (core instance $m (instantiate $M (with "" (instance (export "0" (func $f0')) (export "1" (func $f1')) (export "2" (func $f2'))
      (export "3" (func $f3'))))))
    (func (export "run") (param "k" u32) (param "n" u32) (result u32) (canon lift (core func $m "run"))))
  (instance $b (instantiate $B))
  (instance $a (instantiate $A (with "f0" (func $b "f0")) (with "f1" (func $b "f1")) (with "f2" (func $b "f2")) (with "f3" (func $b "f3"))))
  (export "run" (func $a "run")))
