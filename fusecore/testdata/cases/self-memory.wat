;; An instance calls its own lifted functions. realloc overwrites what its caller is about to pass: all arguments are lifted
;; before the first is lowered, and so are results (CanonicalABI.md, canon_lift).
;;! assert_return s0("abc") -> "abc"
;;! assert_return s0("grüße") -> "grüße"
;;! assert_return s0("世界 abc") -> "世界 abc"
;;! assert_return s0("") -> ""
;;! assert_return s1("abc") -> "abc"
;;! assert_return s1("grüße") -> "grüße"
;;! assert_return s1("世界 abc") -> "世界 abc"
;;! assert_return s1("") -> ""
;;! assert_return s2("abc") -> "abc"
;;! assert_return s2("grüße") -> "grüße"
;;! assert_return s2("世界 abc") -> "世界 abc"
;;! assert_return s2("") -> ""
;;! assert_return s3("abc") -> "abc"
;;! assert_return s3("grüße") -> "grüße"
;;! assert_return s3("世界 abc") -> "世界 abc"
;;! assert_return s3("") -> ""
;;! assert_return s4("abc") -> "abc"
;;! assert_return s4("grüße") -> "grüße"
;;! assert_return s4("世界 abc") -> "世界 abc"
;;! assert_return s4("") -> ""
;;! assert_return strings(["a", "", "bc", "déf"]) -> ["a", "", "bc", "déf"]
;;! assert_return strings([]) -> []
;;! assert_return wide(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, "sixteen") -> (120, "sixteen")
;;! assert_return flat(7, 'x') -> 8
(component
  (core module $M
    (type $s (func (param i32 i32 i32)))
    (type $flat (func (param i32 i32) (result i32)))
    (type $wide (func (param i32 i32)))
    (memory (export "memory") 2)
    (table (export "t") 8 funcref)
    (global $heap (mut i32) (i32.const 16384))
    ;; What is passed lies in the 4096 bytes from 4096 on.
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
      (memory.fill (i32.const 4096) (i32.const 46) (i32.const 4096))
      (local.set $at (i32.and (i32.add (global.get $heap) (i32.const 7)) (i32.const -8)))
      (global.set $heap (i32.add (local.get $at) (local.get 3)))
      (memory.copy (local.get $at) (local.get 0) (local.get 1))
      (local.get $at))
    ;; a string of at most 256 bytes
    (func $send (param $p i32) (param $n i32) (param $slot i32) (result i32)
      (memory.copy (i32.const 4096) (local.get $p) (i32.const 256))
      (call_indirect (type $s) (i32.const 4096) (local.get $n) (i32.const 2048) (local.get $slot))
      (i32.const 2048))
    (func (export "same") (param $p i32) (param $n i32) (result i32)
      (memory.copy (i32.const 4112) (local.get $p) (i32.const 256))
      (i32.store (i32.const 4096) (i32.const 4112))
      (i32.store (i32.const 4100) (local.get $n))
      (i32.const 4096))
    (func (export "s0") (param i32 i32) (result i32) (call $send (local.get 0) (local.get 1) (i32.const 0)))
    (func (export "s1") (param i32 i32) (result i32) (call $send (local.get 0) (local.get 1) (i32.const 1)))
    (func (export "s2") (param i32 i32) (result i32) (call $send (local.get 0) (local.get 1) (i32.const 2)))
    (func (export "s3") (param i32 i32) (result i32) (call $send (local.get 0) (local.get 1) (i32.const 3)))
    (func (export "s4") (param i32 i32) (result i32) (call $send (local.get 0) (local.get 1) (i32.const 4)))
    ;; copies a list of at most 8 strings of at most 256 bytes to 4096
    (func $pack (param $p i32) (param $n i32) (local $i i32) (local $to i32)
      (block $done (loop $next
        (br_if $done (i32.eq (local.get $i) (local.get $n)))
        (local.set $to (i32.add (i32.const 4352) (i32.shl (local.get $i) (i32.const 8))))
        (memory.copy (local.get $to) (i32.load (local.get $p)) (i32.const 256))
        (i32.store (i32.add (i32.const 4096) (i32.shl (local.get $i) (i32.const 3))) (local.get $to))
        (i32.store offset=4 (i32.add (i32.const 4096) (i32.shl (local.get $i) (i32.const 3))) (i32.load offset=4 (local.get $p)))
        (local.set $p (i32.add (local.get $p) (i32.const 8)))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $next))))
    (func (export "strings") (param $p i32) (param $n i32) (result i32)
      (call $pack (local.get $p) (local.get $n))
      (call_indirect (type $s) (i32.const 4096) (local.get $n) (i32.const 2048) (i32.const 5))
      (i32.const 2048))
    (func (export "strings'") (param $p i32) (param $n i32) (result i32)
      (call $pack (local.get $p) (local.get $n))
      (i32.store (i32.const 8184) (i32.const 4096))
      (i32.store (i32.const 8188) (local.get $n))
      (i32.const 8184))
    ;; 15 numbers and a string, and their sum and the string
    (func (export "wide") (param $p i32) (result i32)
      (memory.copy (i32.const 4096) (local.get $p) (i32.const 128))
      (memory.copy (i32.const 4352) (i32.load offset=120 (local.get $p)) (i32.const 256))
      (i32.store (i32.const 4216) (i32.const 4352))
      (call_indirect (type $wide) (i32.const 4096) (i32.const 2048) (i32.const 6))
      (i32.const 2048))
    (func (export "wide'") (param $p i32) (result i32) (local $end i32) (local $sum i64)
      (i32.store (i32.const 4104) (i32.const 4352))
      (i32.store (i32.const 4108) (i32.load offset=124 (local.get $p)))
      (memory.copy (i32.const 4352) (i32.load offset=120 (local.get $p)) (i32.const 256))
      (local.set $end (i32.add (local.get $p) (i32.const 120)))
      (loop $next
        (local.set $sum (i64.add (local.get $sum) (i64.load (local.get $p))))
        (br_if $next (i32.lt_u (local.tee $p (i32.add (local.get $p) (i32.const 8))) (local.get $end))))
      (i64.store (i32.const 4096) (local.get $sum))
      (i32.const 4096))
    (func (export "flat") (param i32 i32) (result i32) (call_indirect (type $flat) (local.get 0) (local.get 1) (i32.const 7)))
    (func (export "flat'") (param i32 i32) (result i32) (i32.add (local.get 0) (i32.const 1))))
  (core instance $m (instantiate $M))
  (alias core export $m "memory" (core memory $memory))
  (alias core export $m "realloc" (core func $realloc))
  (func $s0 (param "s" string) (result string) (canon lift (core func $m "same") (memory $memory) (realloc $realloc) string-encoding=utf8))
  (core func $s0' (canon lower (func $s0) (memory $memory) (realloc $realloc) string-encoding=utf8))
  (func (export "s0") (param "s" string) (result string) (canon lift (core func $m "s0") (memory $memory) (realloc $realloc) string-encoding=utf8))
  (func $s1 (param "s" string) (result string) (canon lift (core func $m "same") (memory $memory) (realloc $realloc) string-encoding=utf16))
  (core func $s1' (canon lower (func $s1) (memory $memory) (realloc $realloc) string-encoding=utf8))
  (func (export "s1") (param "s" string) (result string) (canon lift (core func $m "s1") (memory $memory) (realloc $realloc) string-encoding=utf8))
  (func $s2 (param "s" string) (result string) (canon lift (core func $m "same") (memory $memory) (realloc $realloc) string-encoding=utf8))
  (core func $s2' (canon lower (func $s2) (memory $memory) (realloc $realloc) string-encoding=utf16))
  (func (export "s2") (param "s" string) (result string) (canon lift (core func $m "s2") (memory $memory) (realloc $realloc) string-encoding=utf16))
  (func $s3 (param "s" string) (result string) (canon lift (core func $m "same") (memory $memory) (realloc $realloc) string-encoding=latin1+utf16))
  (core func $s3' (canon lower (func $s3) (memory $memory) (realloc $realloc) string-encoding=utf16))
  (func (export "s3") (param "s" string) (result string) (canon lift (core func $m "s3") (memory $memory) (realloc $realloc) string-encoding=utf16))
  (func $s4 (param "s" string) (result string) (canon lift (core func $m "same") (memory $memory) (realloc $realloc) string-encoding=latin1+utf16))
  (core func $s4' (canon lower (func $s4) (memory $memory) (realloc $realloc) string-encoding=latin1+utf16))
  (func (export "s4") (param "s" string) (result string) (canon lift (core func $m "s4") (memory $memory) (realloc $realloc) string-encoding=latin1+utf16))
  (func $strings (param "s" (list string)) (result (list string)) (canon lift (core func $m "strings'") (memory $memory) (realloc $realloc) string-encoding=utf8))
  (core func $strings' (canon lower (func $strings) (memory $memory) (realloc $realloc) string-encoding=utf8))
  (func (export "strings") (param "s" (list string)) (result (list string)) (canon lift (core func $m "strings") (memory $memory) (realloc $realloc) string-encoding=utf8))
  (func $wide (param "a1" u64) (param "a2" u64) (param "a3" u64) (param "a4" u64) (param "a5" u64) (param "a6" u64) (param "a7" u64) (param "a8" u64) (param "a9" u64) (param "a10" u64) (param "a11" u64) (param "a12" u64) (param "a13" u64) (param "a14" u64) (param "a15" u64) (param "s" string) (result (tuple u64 string)) (canon lift (core func $m "wide'") (memory $memory) (realloc $realloc) string-encoding=utf8))
  (core func $wide' (canon lower (func $wide) (memory $memory) (realloc $realloc) string-encoding=utf8))
  (func (export "wide") (param "a1" u64) (param "a2" u64) (param "a3" u64) (param "a4" u64) (param "a5" u64) (param "a6" u64) (param "a7" u64) (param "a8" u64) (param "a9" u64) (param "a10" u64) (param "a11" u64) (param "a12" u64) (param "a13" u64) (param "a14" u64) (param "a15" u64) (param "s" string) (result (tuple u64 string)) (canon lift (core func $m "wide") (memory $memory) (realloc $realloc) string-encoding=utf8))
  (func $flat (param "a" u32) (param "b" char) (result u32) (canon lift (core func $m "flat'") (memory $memory) (realloc $realloc) string-encoding=utf8))
  (core func $flat' (canon lower (func $flat) (memory $memory) (realloc $realloc) string-encoding=utf8))
  (func (export "flat") (param "a" u32) (param "b" char) (result u32) (canon lift (core func $m "flat") (memory $memory) (realloc $realloc) string-encoding=utf8))
  (core module $F
    (import "" "t" (table 8 funcref))
    (import "" "s0" (func $s0 (param i32 i32 i32)))
    (import "" "s1" (func $s1 (param i32 i32 i32)))
    (import "" "s2" (func $s2 (param i32 i32 i32)))
    (import "" "s3" (func $s3 (param i32 i32 i32)))
    (import "" "s4" (func $s4 (param i32 i32 i32)))
    (import "" "strings" (func $strings (param i32 i32 i32)))
    (import "" "wide" (func $wide (param i32 i32)))
    (import "" "flat" (func $flat (param i32 i32) (result i32)))
    (elem (i32.const 0) func $s0 $s1 $s2 $s3 $s4 $strings $wide $flat))
  (core instance (instantiate $F (with "" (instance (export "t" (table $m "t"))
    (export "s0" (func $s0')) (export "s1" (func $s1')) (export "s2" (func $s2')) (export "s3" (func $s3')) (export "s4" (func $s4')) (export "strings" (func $strings')) (export "wide" (func $wide')) (export "flat" (func $flat')))))))
