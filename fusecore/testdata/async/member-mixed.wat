;; A call that passes one handle both as owned and as borrowed traps, whatever comes first: a lent handle cannot be passed on.
;;! async
;;! fused reports fused 2 of 2 components into 2 modules
;;! assert_trap run()
(component
  (component $L
    (type $R (resource (rep i32)))
    (canon resource.new $R (core func $new))
    (core module $M
      (import "" "new" (func $new (param i32) (result i32)))
      (func (export "make") (result i32) (call $new (i32.const 1)))
      (func (export "f") (param i32 i32)))
    (core instance $i (instantiate $M (with "" (instance (export "new" (func $new))))))
    (export $R' "r" (type $R))
    (func (export "make") (result (own $R')) (canon lift (core func $i "make")))
    (func (export "f") (param "a" (borrow $R')) (param "b" (own $R')) (canon lift (core func $i "f"))))
  (component $A
    (import "l" (instance $l
      (export "r" (type $R (sub resource)))
      (export "make" (func (result (own $R))))
      (export "f" (func (param "a" (borrow $R)) (param "b" (own $R))))))
    (canon lower (func $l "make") (core func $make))
    (canon lower (func $l "f") (core func $f))
    (canon task.return (core func $return))
    (core module $M
      (import "" "make" (func $make (result i32)))
      (import "" "f" (func $f (param i32 i32)))
      (import "" "return" (func $return))
      (func (export "run") (local $a i32)
        (local.set $a (call $make))
        (call $f (local.get $a) (local.get $a))
        (call $return)))
    (core instance $i (instantiate $M (with "" (instance (export "make" (func $make)) (export "f" (func $f)) (export "return" (func $return))))))
    (func (export "run") async (canon lift (core func $i "run") async)))
  (instance $l (instantiate $L))
  (instance $a (instantiate $A (with "l" (instance $l))))
  (export "run" (func $a "run")))
