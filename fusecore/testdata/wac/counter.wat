;; Counts: test:wac/counter, and the same function as start.
(component
  (core module $M
    (global $n (mut i32) (i32.const 0))
    (func (export "next") (result i32)
      (global.set $n (i32.add (global.get $n) (i32.const 1)))
      (global.get $n)))
  (core instance $m (instantiate $M))
  (func $next (result u32) (canon lift (core func $m "next")))
  (instance $counter (export "next" (func $next)))
  (export "test:wac/counter@1.0.0" (instance $counter))
  (export "start" (func $next)))
