;; Strings that break a rule, of all lengths that are copied in different ways: invalid text of each encoding, and strings that
;; end beyond the memory. Each export passes the string at an address, of a number of code units.
;;! assert_trap utf8(0, 1) "string is not valid UTF-8"
;;! assert_trap utf8(0, 3) "string is not valid UTF-8"
;;! assert_trap utf8(0, 40) "string is not valid UTF-8"
;;! assert_trap utf8-utf16(0, 1) "string is not valid UTF-8"
;;! assert_trap utf8-latin1(0, 1) "string is not valid UTF-8"
;;! assert_trap utf8-utf16(0, 100) "string is not valid UTF-8"
;;! assert_trap utf8-latin1(0, 100) "string is not valid UTF-8"
;;! assert_trap utf16(512, 1) "string is not valid UTF-16"
;;! assert_trap utf16-utf8(512, 1) "string is not valid UTF-16"
;;! assert_trap utf16-latin1(512, 1) "string is not valid UTF-16"
;;! assert_trap utf16(512, 64) "string is not valid UTF-16"
;;! assert_trap utf16(514, 9) "string is not valid UTF-16"
;;! assert_trap utf16(513, 9) "misaligned pointer"
;;! assert_trap latin1(513, 9) "misaligned pointer"
;;! assert_trap utf8(65532, 5) "out-of-bounds pointer"
;;! assert_trap utf8(65530, 10) "out-of-bounds pointer"
;;! assert_trap utf8(65529, 8) "out-of-bounds pointer"
;;! assert_trap utf8(65520, 17) "out-of-bounds pointer"
;;! assert_trap utf8(65516, 31) "out-of-bounds pointer"
;;! assert_trap utf8(4294967280, 20) "out-of-bounds pointer"
;;! assert_trap utf8(65500, 60) "out-of-bounds pointer"
;;! assert_trap utf8-utf16(65530, 10) "out-of-bounds pointer"
;;! assert_trap utf16(65530, 10) "out-of-bounds pointer"
;;! assert_trap latin1(65530, 10) "out-of-bounds pointer"
;;! assert_trap latin1-utf8(65530, 10) "out-of-bounds pointer"
;;! assert_return utf8(65526, 10) -> 10
;;! assert_return utf8(65504, 32) -> 32
;;! assert_trap out(65530, 8) "realloc returned an out-of-bounds pointer"
;;! assert_trap out(65530, 20) "realloc returned an out-of-bounds pointer"
;;! assert_return out(65530, 5) -> 5
(component
  (component $B
    (core module $M
      (memory (export "memory") 1)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
      (func (export "out-realloc") (param i32 i32 i32 i32) (result i32) (i32.const 65530))
      (func (export "f") (param i32 i32) (result i32) (i32.and (local.get 1) (i32.const 0xffff))))
    (core instance $m (instantiate $M))
    (func (export "utf8") (param "x" string) (result u32)
      (canon lift (core func $m "f") (memory $m "memory") (realloc (func $m "realloc"))))
    (func (export "utf16") (param "x" string) (result u32)
      (canon lift (core func $m "f") (memory $m "memory") (realloc (func $m "realloc")) string-encoding=utf16))
    (func (export "latin1") (param "x" string) (result u32)
      (canon lift (core func $m "f") (memory $m "memory") (realloc (func $m "realloc")) string-encoding=latin1+utf16))
    (func (export "out") (param "x" string) (result u32)
      (canon lift (core func $m "f") (memory $m "memory") (realloc (func $m "out-realloc")))))
  (component $A
    (import "utf8" (func $utf8 (param "x" string) (result u32)))
    (import "utf16" (func $utf16 (param "x" string) (result u32)))
    (import "latin1" (func $latin1 (param "x" string) (result u32)))
    (import "out" (func $out (param "x" string) (result u32)))
    (core module $Mem
      (memory (export "memory") 1)
      (data (i32.const 0) "\ff\00")
      (data (i32.const 512) "\00\dca\00b\00c\00d\00e\00f\00g\00h\00\00\d8i\00"))
    (core instance $mem (instantiate $Mem))
    (core func $8-8 (canon lower (func $utf8) (memory $mem "memory")))
    (core func $8-16 (canon lower (func $utf16) (memory $mem "memory")))
    (core func $8-1 (canon lower (func $latin1) (memory $mem "memory")))
    (core func $16-8 (canon lower (func $utf8) (memory $mem "memory") string-encoding=utf16))
    (core func $16-16 (canon lower (func $utf16) (memory $mem "memory") string-encoding=utf16))
    (core func $16-1 (canon lower (func $latin1) (memory $mem "memory") string-encoding=utf16))
    (core func $1-8 (canon lower (func $utf8) (memory $mem "memory") string-encoding=latin1+utf16))
    (core func $1-1 (canon lower (func $latin1) (memory $mem "memory") string-encoding=latin1+utf16))
    (core func $out' (canon lower (func $out) (memory $mem "memory")))
    (core module $M
      (import "" "8-8" (func $8-8 (param i32 i32) (result i32)))
      (import "" "8-16" (func $8-16 (param i32 i32) (result i32)))
      (import "" "8-1" (func $8-1 (param i32 i32) (result i32)))
      (import "" "16-8" (func $16-8 (param i32 i32) (result i32)))
      (import "" "16-16" (func $16-16 (param i32 i32) (result i32)))
      (import "" "16-1" (func $16-1 (param i32 i32) (result i32)))
      (import "" "1-8" (func $1-8 (param i32 i32) (result i32)))
      (import "" "1-1" (func $1-1 (param i32 i32) (result i32)))
      (import "" "out" (func $out (param i32 i32) (result i32)))
      (func (export "8-8") (param i32 i32) (result i32) (call $8-8 (local.get 0) (local.get 1)))
      (func (export "8-16") (param i32 i32) (result i32) (call $8-16 (local.get 0) (local.get 1)))
      (func (export "8-1") (param i32 i32) (result i32) (call $8-1 (local.get 0) (local.get 1)))
      (func (export "16-8") (param i32 i32) (result i32) (call $16-8 (local.get 0) (local.get 1)))
      (func (export "16-16") (param i32 i32) (result i32) (call $16-16 (local.get 0) (local.get 1)))
      (func (export "16-1") (param i32 i32) (result i32) (call $16-1 (local.get 0) (local.get 1)))
      (func (export "1-8") (param i32 i32) (result i32) (call $1-8 (local.get 0) (local.get 1)))
      (func (export "1-1") (param i32 i32) (result i32) (call $1-1 (local.get 0) (local.get 1)))
      (func (export "out") (param i32 i32) (result i32) (call $out (i32.const 4096) (local.get 1))))
    (core instance $m (instantiate $M (with "" (instance
      (export "8-8" (func $8-8)) (export "8-16" (func $8-16)) (export "8-1" (func $8-1))
      (export "16-8" (func $16-8)) (export "16-16" (func $16-16)) (export "16-1" (func $16-1))
      (export "1-8" (func $1-8)) (export "1-1" (func $1-1)) (export "out" (func $out'))))))
    (func (export "utf8") (param "p" u32) (param "n" u32) (result u32) (canon lift (core func $m "8-8")))
    (func (export "utf8-utf16") (param "p" u32) (param "n" u32) (result u32) (canon lift (core func $m "8-16")))
    (func (export "utf8-latin1") (param "p" u32) (param "n" u32) (result u32) (canon lift (core func $m "8-1")))
    (func (export "utf16-utf8") (param "p" u32) (param "n" u32) (result u32) (canon lift (core func $m "16-8")))
    (func (export "utf16") (param "p" u32) (param "n" u32) (result u32) (canon lift (core func $m "16-16")))
    (func (export "utf16-latin1") (param "p" u32) (param "n" u32) (result u32) (canon lift (core func $m "16-1")))
    (func (export "latin1-utf8") (param "p" u32) (param "n" u32) (result u32) (canon lift (core func $m "1-8")))
    (func (export "latin1") (param "p" u32) (param "n" u32) (result u32) (canon lift (core func $m "1-1")))
    (func (export "out") (param "p" u32) (param "n" u32) (result u32) (canon lift (core func $m "out"))))
  (instance $b (instantiate $B))
  (instance $a (instantiate $A
    (with "utf8" (func $b "utf8")) (with "utf16" (func $b "utf16")) (with "latin1" (func $b "latin1")) (with "out" (func $b "out"))))
  (export "utf8" (func $a "utf8"))
  (export "utf8-utf16" (func $a "utf8-utf16"))
  (export "utf8-latin1" (func $a "utf8-latin1"))
  (export "utf16-utf8" (func $a "utf16-utf8"))
  (export "utf16" (func $a "utf16"))
  (export "utf16-latin1" (func $a "utf16-latin1"))
  (export "latin1-utf8" (func $a "latin1-utf8"))
  (export "latin1" (func $a "latin1"))
  (export "out" (func $a "out")))
