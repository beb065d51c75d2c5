;; Imports two counters, a and b. sum is 100 times the next of a, and the next of b.
(component
  (import "a" (instance $a (export "next" (func (result u32)))))
  (import "b" (instance $b (export "next" (func (result u32)))))
  (core func $a (canon lower (func $a "next")))
  (core func $b (canon lower (func $b "next")))
  (core module $M
    (import "in" "a" (func $a (result i32)))
    (import "in" "b" (func $b (result i32)))
    (func (export "sum") (result i32) (i32.add (i32.mul (call $a) (i32.const 100)) (call $b))))
  (core instance $m (instantiate $M (with "in" (instance (export "a" (func $a)) (export "b" (func $b))))))
  (func $sum (result u32) (canon lift (core func $m "sum")))
  (export "sum" (func $sum)))
