;; A component whose counter has another type.
(component
  (core module $M (func (export "next") (result i64) (i64.const 1)))
  (core instance $m (instantiate $M))
  (func $next (result u64) (canon lift (core func $m "next")))
  (instance $counter (export "next" (func $next)))
  (export "test:wac/counter@1.0.0" (instance $counter)))
