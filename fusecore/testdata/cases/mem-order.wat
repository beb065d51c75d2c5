;; Memory 0 of the fused module is the one that the guests' code names most, whether host calls use it or not.
;;! host log
;;! assert_return small() -> 1
;;!   log("small")
;;! assert_return big() -> 2
;;! assert_return middle() -> 3
;;!   log("middl")
(component
  (import "log" (func $log (param "s" string)))
  (component $Small
    (import "log" (func $log (param "s" string)))
    (core module $Mem (memory (export "m") 1) (data (i32.const 0) "small"))
    (core instance $mem (instantiate $Mem))
    (core func $log' (canon lower (func $log) (memory $mem "m")))
    (core module $M (import "mem" "m" (memory 1)) (import "" "log" (func $log (param i32 i32)))
      (func (export "f") (result i32) (call $log (i32.const 0) (i32.const 5)) (i32.store (i32.const 8) (i32.const 1)) (i32.load (i32.const 8))))
    (core instance $m (instantiate $M (with "mem" (instance $mem)) (with "" (instance (export "log" (func $log'))))))
    (func (export "f") (result u32) (canon lift (core func $m "f"))))
  (component $Other
    (core module $M (memory 2) (func (export "f") (result i32) (i32.load (i32.const 0)) (drop) (i32.const 2)))
    (core instance $m (instantiate $M))
    (func (export "f") (result u32) (canon lift (core func $m "f"))))
  (component $Big
    (core module $M (memory $none 3) (memory $m 4)
      (func (export "f") (result i32) (i32.store $m (i32.const 0) (i32.const 2)) (i32.store8 $m (i32.const 1) (i32.const 0)) (memory.copy $m $m (i32.const 4) (i32.const 0) (i32.const 4))
        (i32.load $m (i32.const 4))))
    (core instance $m (instantiate $M))
    (func (export "f") (result u32) (canon lift (core func $m "f"))))
  (component $Middle
    (import "log" (func $log (param "s" string)))
    (core module $Mem (memory (export "m") 5) (data (i32.const 0) "middl"))
    (core instance $mem (instantiate $Mem))
    (core func $log' (canon lower (func $log) (memory $mem "m")))
    (core module $M (import "mem" "m" (memory 1)) (import "" "log" (func $log (param i32 i32)))
      (func (export "f") (result i32) (call $log (i32.const 0) (i32.const 5)) (i32.store (i32.const 8) (i32.const 3)) (drop (memory.grow (i32.const 0))) (i32.load (i32.const 8))))
    (core instance $m (instantiate $M (with "mem" (instance $mem)) (with "" (instance (export "log" (func $log'))))))
    (func (export "f") (result u32) (canon lift (core func $m "f"))))
  (instance $small (instantiate $Small (with "log" (func $log))))
  (instance $other (instantiate $Other))
  (instance $big (instantiate $Big))
  (instance $middle (instantiate $Middle (with "log" (func $log))))
  (export "small" (func $small "f"))
  (export "other" (func $other "f"))
  (export "big" (func $big "f"))
  (export "middle" (func $middle "f")))
