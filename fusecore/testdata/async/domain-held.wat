;; A handle of the host in a library does not take a number of the async instance that uses the library.
;;! async
;;! fused reports A uses L (it holds handles of the resource type r
;;! resource r
;;! host make() -> host(7)
;;! instance
;;! assert_return run() -> 12
;;!   make() -> host(7)
(component
  (import "r" (type $r (sub resource)))
  (import "make" (func $make (result (own $r))))
  (component $L
    (import "r" (type $r (sub resource)))
    (import "make" (func $make (result (own $r))))
    (core func $make' (canon lower (func $make)))
    (core module $M
      (import "" "make" (func $make (result i32)))
      (func (export "open") (drop (call $make))))
    (core instance $m (instantiate $M (with "" (instance (export "make" (func $make'))))))
    (func (export "open") (canon lift (core func $m "open"))))
  (component $A
    (import "open" (func $open))
    (core func $open' (canon lower (func $open)))
    (core func $new (canon waitable-set.new))
    (core func $return (canon task.return (result u32)))
    (core module $M
      (import "" "open" (func $open))
      (import "" "new" (func $new (result i32)))
      (import "" "return" (func $return (param i32)))
      (func (export "run") (result i32) (local $n i32)
        (local.set $n (i32.mul (i32.const 10) (call $new)))
        (call $open)
        (call $return (i32.add (local.get $n) (call $new)))
        (i32.const 0))
      (func (export "callback") (param i32 i32 i32) (result i32) unreachable))
    (core instance $m (instantiate $M (with "" (instance
      (export "open" (func $open')) (export "new" (func $new)) (export "return" (func $return))))))
    (func (export "run") async (result u32) (canon lift (core func $m "run") async (callback (core func $m "callback")))))
  (instance $l (instantiate $L (with "r" (type $r)) (with "make" (func $make))))
  (instance $a (instantiate $A (with "open" (func $l "open"))))
  (export "run" (func $a "run")))
