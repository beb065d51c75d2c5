;; Exports test:wac/counter with twice the numbers of the one that it imports.
(component
  (import "test:wac/counter@1.0.0" (instance $in (export "next" (func (result u32)))))
  (core func $in (canon lower (func $in "next")))
  (core module $M
    (import "in" "next" (func $in (result i32)))
    (func (export "next") (result i32) (i32.mul (call $in) (i32.const 2))))
  (core instance $m (instantiate $M (with "in" (instance (export "next" (func $in))))))
  (func $next (result u32) (canon lift (core func $m "next")))
  (instance $counter (export "next" (func $next)))
  (export "test:wac/counter@1.0.0" (instance $counter)))
