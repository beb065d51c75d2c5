;; Lists of fixed length: flat in parameters, in memory, nested, and of strings.
;;! runtime differs: the runtime has no lists of fixed length
;;! call run => 1533
(component
  (component $B
    (core module $M
      (memory (export "m") 1)
      (global $top (mut i32) (i32.const 256))
      (func (export "realloc") (param $o i32) (param $os i32) (param $al i32) (param $n i32) (result i32) (local $p i32)
        (global.set $top (i32.and (i32.add (global.get $top) (i32.sub (local.get $al) (i32.const 1))) (i32.sub (i32.const 0) (local.get $al))))
        (local.set $p (global.get $top)) (global.set $top (i32.add (global.get $top) (local.get $n))) (local.get $p))
      (func (export "flat") (param i32 i32 i32 i32) (result i32)
        (i32.add (i32.add (local.get 0) (local.get 1)) (i32.add (local.get 2) (local.get 3))))
      ;; list of two-element lists of strings
      (func (export "strs") (param i32 i32) (result i32)
        (i32.add (i32.load8_u (i32.load (local.get 0))) (i32.load offset=12 (local.get 0))))
      ;; 20 u16 and back
      (func (export "big") (param i32) (result i32) (local.get 0)))
    (core instance $m (instantiate $M))
    (func (export "flat") (param "l" (list (tuple u8 bool) 2)) (result u32) (canon lift (core func $m "flat")))
    (func (export "strs") (param "l" (list (list string 2))) (result u32)
      (canon lift (core func $m "strs") (memory $m "m") (realloc (func $m "realloc"))))
    (func (export "big") (param "l" (list u16 20)) (result (list u16 20))
      (canon lift (core func $m "big") (memory $m "m") (realloc (func $m "realloc")))))
  (component $A
    (import "flat" (func $flat (param "l" (list (tuple u8 bool) 2)) (result u32)))
    (import "strs" (func $strs (param "l" (list (list string 2))) (result u32)))
    (import "big" (func $big (param "l" (list u16 20)) (result (list u16 20))))
    (core module $Mem (memory (export "m") 1)
      (data (i32.const 64) "\80\00\00\00\03\00\00\00\84\00\00\00\05\00\00\00") (data (i32.const 128) "a\00\00\00hello")
      (data (i32.const 192) "\01\00\02\00"))
    (core instance $mem (instantiate $Mem))
    (core func $flat' (canon lower (func $flat)))
    (core func $strs' (canon lower (func $strs) (memory $mem "m")))
    (core func $big' (canon lower (func $big) (memory $mem "m")))
    (core module $M
      (import "mem" "m" (memory 1))
      (import "" "flat" (func $flat (param i32 i32 i32 i32) (result i32)))
      (import "" "strs" (func $strs (param i32 i32) (result i32)))
      (import "" "big" (func $big (param i32 i32)))
      (func (export "run") (result i32)
        (i32.store16 (i32.const 230) (i32.const 1000))
        (call $big (i32.const 192) (i32.const 512))
        (i32.add (i32.add (call $flat (i32.const 0x107) (i32.const 9) (i32.const 0xff) (i32.const 0))
          (call $strs (i32.const 64) (i32.const 1)))
          (i32.add (i32.add (i32.load16_u (i32.const 550)) (i32.load16_u (i32.const 514))) (i32.const 166)))))
    (core instance $m (instantiate $M (with "mem" (instance $mem)) (with "" (instance (export "flat" (func $flat')) (export "strs" (func $strs')) (export "big" (func $big'))))))
    (func (export "run") (result u32) (canon lift (core func $m "run"))))
  (instance $b (instantiate $B))
  (instance $a (instantiate $A (with "flat" (func $b "flat")) (with "strs" (func $b "strs")) (with "big" (func $b "big"))))
  (export "run" (func $a "run")))
