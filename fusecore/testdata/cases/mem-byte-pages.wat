;; Memories with pages of one byte: a string and a list end with the memory's last byte, and one byte further is outside.
;;! assert_return fits() -> 8
;;! assert_trap list-beyond() "out-of-bounds pointer"
;;! assert_trap string-beyond() "out-of-bounds pointer"
;;! assert_trap utf16-beyond() "out-of-bounds pointer"
;;! assert_trap no-room() "realloc returned an out-of-bounds pointer"
(component
  (component $P
    (core module $M
      (memory (export "m") 100 100 (pagesize 1))
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.sub (i32.const 100) (local.get 3)))
      (func (export "f") (param i32 i32 i32 i32) (result i32) (i32.add (local.get 1) (local.get 3))))
    (core instance $m (instantiate $M))
    (func (export "f") (param "l" (list u8)) (param "s" string) (result u32)
      (canon lift (core func $m "f") (memory $m "m") (realloc (func $m "realloc")) string-encoding=utf16)))
  (instance $p (instantiate $P))
  (component $C
    (import "f" (func $f (param "l" (list u8)) (param "s" string) (result u32)))
    (core module $Mem (memory (export "m") 70000 70000 (pagesize 1)))
    (core instance $mem (instantiate $Mem))
    (core func $f8 (canon lower (func $f) (memory $mem "m")))
    (core func $f16 (canon lower (func $f) (memory $mem "m") string-encoding=utf16))
    (core module $M
      (import "" "f8" (func $f8 (param i32 i32 i32 i32) (result i32)))
      (import "" "f16" (func $f16 (param i32 i32 i32 i32) (result i32)))
      (func (export "fits") (result i32) (call $f8 (i32.const 69995) (i32.const 5) (i32.const 69997) (i32.const 3)))
      (func (export "list-beyond") (result i32) (call $f8 (i32.const 69996) (i32.const 5) (i32.const 0) (i32.const 0)))
      (func (export "string-beyond") (result i32) (call $f8 (i32.const 0) (i32.const 0) (i32.const 69998) (i32.const 3)))
      (func (export "utf16-beyond") (result i32) (call $f16 (i32.const 0) (i32.const 0) (i32.const 69996) (i32.const 3)))
      (func (export "no-room") (result i32) (call $f8 (i32.const 0) (i32.const 101) (i32.const 0) (i32.const 0))))
    (core instance $m (instantiate $M (with "" (instance (export "f8" (func $f8)) (export "f16" (func $f16))))))
    (func (export "fits") (result u32) (canon lift (core func $m "fits")))
    (func (export "list-beyond") (result u32) (canon lift (core func $m "list-beyond")))
    (func (export "string-beyond") (result u32) (canon lift (core func $m "string-beyond")))
    (func (export "utf16-beyond") (result u32) (canon lift (core func $m "utf16-beyond")))
    (func (export "no-room") (result u32) (canon lift (core func $m "no-room"))))
  (instance $c (instantiate $C (with "f" (func $p "f"))))
  (export "fits" (func $c "fits"))
  (export "list-beyond" (func $c "list-beyond"))
  (export "string-beyond" (func $c "string-beyond"))
  (export "utf16-beyond" (func $c "utf16-beyond"))
  (export "no-room" (func $c "no-room")))
