;; 17 parameters pass through memory, as does a result of two values; the caller's area for a result is checked. The host
;; calls the same function, and calls pass on to a function of the host.
;;! host test:h/h#many -> (3, "dx")
;;! assert_return run(0, 64) -> 153
;;! assert_trap run(0, 66) "misaligned pointer"
;;! assert_return run(0, 65524) -> 153
;;! assert_trap run(0, 65528) "out-of-bounds pointer"
;;! assert_trap run(2, 64) "misaligned pointer"
;;! assert_return run(65464, 0) -> 0
;;! assert_return run(65464, 65524) -> 0
;;! assert_trap run(65468, 0) "out-of-bounds pointer"
;;! assert_return direct(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, "xyz") -> (139, "xyz")
;;! assert_return relay(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, "xyz") -> (3, "dx")
;;!   test:h/h#many(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, "xyz") -> (3, "dx")
(component
  (type $many (func (param "a" u32) (param "b" u32) (param "c" u32) (param "d" u32) (param "e" u32) (param "f" u32) (param "g" u32) (param "h" u32)
    (param "i" u32) (param "j" u32) (param "k" u32) (param "l" u32) (param "m" u32) (param "n" u32) (param "o" u32) (param "p" u32) (param "s" string)
    (result (tuple u32 string))))
  (import "test:h/h" (instance $h (export "many" (func (type $many)))))
  (component $B
    (alias outer 1 $many (type $many))
    (core module $M
      (memory (export "m") 1)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (select (i32.const 256) (i32.const 512) (i32.eq (local.get 2) (i32.const 4))))
      (func (export "f") (param i32) (result i32) (local $i i32) (local $sum i32)
        (loop $l
          (local.set $sum (i32.add (local.get $sum) (i32.load (i32.add (local.get 0) (i32.mul (i32.const 4) (local.get $i))))))
          (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 16))))
        (i32.store (i32.const 1024) (i32.add (local.get $sum) (i32.load offset=68 (local.get 0))))
        (i32.store (i32.const 1028) (i32.load offset=64 (local.get 0)))
        (i32.store (i32.const 1032) (i32.load offset=68 (local.get 0)))
        (i32.const 1024)))
    (core instance $m (instantiate $M))
    (func (export "many") (type $many) (canon lift (core func $m "f") (memory $m "m") (realloc (func $m "realloc")))))
  (component $A
    (alias outer 1 $many (type $many))
    (import "many" (func $many (type $many)))
    (core module $Mem (memory (export "m") 1)
      (data (i32.const 0) "\01\00\00\00\02\00\00\00\03\00\00\00\04\00\00\00\05\00\00\00\06\00\00\00\07\00\00\00\08\00\00\00\09\00\00\00\0a\00\00\00\0b\00\00\00\0c\00\00\00\0d\00\00\00\0e\00\00\00\0f\00\00\00\10\00\00\00\00\02\00\00\11\00\00\00")
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (select (i32.const 768) (i32.const 2048) (i32.eq (local.get 2) (i32.const 4)))))
    (core instance $mem (instantiate $Mem))
    (core func $many' (canon lower (func $many) (memory $mem "m") (realloc (func $mem "realloc"))))
    (core module $M
      (import "mem" "m" (memory 1))
      (import "" "many" (func $many (param i32 i32)))
      (func (export "run") (param i32 i32) (result i32)
        (call $many (local.get 0) (local.get 1))
        (i32.load (local.get 1)))
      (func (export "relay") (param i32) (result i32)
        (call $many (local.get 0) (i32.const 4096)) (i32.const 4096)))
    (core instance $m (instantiate $M (with "mem" (instance $mem)) (with "" (instance (export "many" (func $many'))))))
    (func (export "run") (param "p" u32) (param "ret" u32) (result u32) (canon lift (core func $m "run")))
    (func (export "relay") (type $many) (canon lift (core func $m "relay") (memory $mem "m") (realloc (func $mem "realloc")))))
  (instance $b (instantiate $B))
  (instance $a (instantiate $A (with "many" (func $b "many"))))
  (instance $a2 (instantiate $A (with "many" (func $h "many"))))
  (export "run" (func $a "run"))
  (export "direct" (func $b "many"))
  (export "relay" (func $a2 "relay")))
