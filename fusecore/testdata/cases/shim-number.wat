;; A start function that only writes a number matters where the global is read, and takes part in no result where it is
;; not.
;;! assert_return get() -> 5
;;! fused counts global.set 1
(component
  (core module $A (global (export "g") (mut i32) (i32.const 1)) (func (export "get") (result i32) (global.get 0)))
  (core instance $a (instantiate $A))
  (core instance $unused (instantiate $A))
  (core module $S (import "" "g" (global $g (mut i32))) (func $s (global.set $g (i32.const 5))) (start $s))
  (core instance (instantiate $S (with "" (instance $a))))
  (core instance (instantiate $S (with "" (instance $unused))))
  (func (export "get") (result u32) (canon lift (core func $a "get"))))
