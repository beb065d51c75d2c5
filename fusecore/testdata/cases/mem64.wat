;; A side with a 64-bit memory calls one with a 32-bit memory, and the other way round: strings, lists of integers, lists
;; of strings, records in memory.
;;! assert_return wide() -> 3368
(component
  (type $rec (record (field "a" u8) (field "s" string) (field "l" (list u32))))
  (type $big (list string))
  (component $Narrow
    (type $rec' (record (field "a" u8) (field "s" string) (field "l" (list u32))))
    (export $rec "rec" (type $rec'))
    (core module $M
      (memory (export "m") 1)
      (global $top (mut i32) (i32.const 256))
      (func (export "realloc") (param $o i32) (param $os i32) (param $al i32) (param $n i32) (result i32) (local $p i32)
        (global.set $top (i32.and (i32.add (global.get $top) (i32.sub (local.get $al) (i32.const 1))) (i32.sub (i32.const 0) (local.get $al))))
        (local.set $p (global.get $top)) (global.set $top (i32.add (global.get $top) (local.get $n))) (local.get $p))
      ;; (list string, rec) -> list string: gives a list of one string, whose length encodes everything
      (func (export "f") (param $lp i32) (param $ll i32) (param $a i32) (param $sp i32) (param $sl i32) (param $ip i32) (param $il i32) (result i32)
        (local $sum i32) (local $i i32)
        (local.set $sum (i32.add (local.get $a) (i32.add (i32.load8_u (local.get $sp)) (local.get $sl))))
        (loop $l
          (local.set $sum (i32.add (local.get $sum) (i32.load (i32.add (local.get $ip) (i32.mul (i32.const 4) (local.get $i))))))
          (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $il))))
        (local.set $i (i32.const 0))
        (loop $k
          (local.set $sum (i32.add (local.get $sum) (i32.load8_u (i32.load (i32.add (local.get $lp) (i32.mul (i32.const 8) (local.get $i)))))))
          (local.set $sum (i32.add (local.get $sum) (i32.load offset=4 (i32.add (local.get $lp) (i32.mul (i32.const 8) (local.get $i))))))
          (br_if $k (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $ll))))
        (i32.store (i32.const 0) (i32.const 16)) (i32.store (i32.const 4) (i32.const 1))
        (i32.store (i32.const 16) (i32.const 1024)) (i32.store (i32.const 20) (local.get $sum))
        (i32.const 0)))
    (core instance $m (instantiate $M))
    (func (export "f") (param "l" (list string)) (param "r" $rec) (result (list string))
      (canon lift (core func $m "f") (memory $m "m") (realloc (func $m "realloc")))))
  (component $Wide
    (type $rec' (record (field "a" u8) (field "s" string) (field "l" (list u32))))
    (import "rec" (type $rec (eq $rec')))
    (import "f" (func $f (param "l" (list string)) (param "r" $rec) (result (list string))))
    (core module $Mem
      (memory (export "m") i64 1)
      (data (i64.const 64) "xyz" "\00\00\00\00\00" "\e8\03\00\00\d0\07\00\00\b8\0b\00\00")
      (data (i64.const 128) "\40\00\00\00\00\00\00\00\01\00\00\00\00\00\00\00" "\41\00\00\00\00\00\00\00\02\00\00\00\00\00\00\00")
      (global $top (mut i64) (i64.const 256))
      (func (export "realloc") (param $o i64) (param $os i64) (param $al i64) (param $n i64) (result i64) (local $p i64)
        (global.set $top (i64.and (i64.add (global.get $top) (i64.sub (local.get $al) (i64.const 1))) (i64.sub (i64.const 0) (local.get $al))))
        (local.set $p (global.get $top)) (global.set $top (i64.add (global.get $top) (local.get $n))) (local.get $p)))
    (core instance $mem (instantiate $Mem))
    (core func $f' (canon lower (func $f) (memory $mem "m") (realloc (func $mem "realloc"))))
    (core module $M
      (import "mem" "m" (memory i64 1))
      (import "" "f" (func $f (param i64 i64 i32 i64 i64 i64 i64 i64)))
      (func (export "run") (result i32)
        (call $f (i64.const 128) (i64.const 2) (i32.const 513) (i64.const 64) (i64.const 3) (i64.const 72) (i64.const 2) (i64.const 0))
        (if (i64.ne (i64.load (i64.const 8)) (i64.const 1)) (then unreachable))
        (i32.wrap_i64 (i64.load offset=8 (i64.load (i64.const 0))))))
    (core instance $m (instantiate $M (with "mem" (instance $mem)) (with "" (instance (export "f" (func $f'))))))
    (func (export "run") (result u32) (canon lift (core func $m "run"))))
  (instance $n (instantiate $Narrow))
  (instance $w (instantiate $Wide (with "rec" (type $n "rec")) (with "f" (func $n "f"))))
  (export "wide" (func $w "run")))
