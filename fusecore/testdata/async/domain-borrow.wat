;; A borrowed resource of a library has a number in the async instance that it is passed to, which uses the library. In
;; the library's own domain it would be the representation.
;;! async
;;! fused reports into 3 modules
;;! assert_return run() -> 1
(component
  (component $L
    (type $r' (resource (rep i32)))
    (core func $new (canon resource.new $r'))
    (core module $M
      (import "" "new" (func $new (param i32) (result i32)))
      (func (export "make") (result i32) (call $new (i32.const 42)))
      (func (export "f")))
    (core instance $m (instantiate $M (with "" (instance (export "new" (func $new))))))
    (export $r "r" (type $r'))
    (func (export "make") (result (own $r)) (canon lift (core func $m "make")))
    (func (export "f") (canon lift (core func $m "f"))))
  (component $A
    (import "l" (instance $l (export "r" (type $r (sub resource))) (export "f" (func))))
    (alias export $l "r" (type $r))
    (core func $f (canon lower (func $l "f")))
    (core func $drop (canon resource.drop $r))
    (core func $return (canon task.return (result u32)))
    (core module $M
      (import "" "f" (func $f))
      (import "" "drop" (func $drop (param i32)))
      (import "" "return" (func $return (param i32)))
      (func (export "number") (param i32) (result i32)
        (call $f)
        (call $drop (local.get 0))
        (call $return (local.get 0))
        (i32.const 0))
      (func (export "callback") (param i32 i32 i32) (result i32) unreachable))
    (core instance $m (instantiate $M (with "" (instance
      (export "f" (func $f)) (export "drop" (func $drop)) (export "return" (func $return))))))
    (func (export "number") async (param "r" (borrow $r)) (result u32)
      (canon lift (core func $m "number") async (callback (core func $m "callback")))))
  (component $D
    (import "l" (instance $l (export "r" (type $r (sub resource))) (export "make" (func (result (own $r))))))
    (alias export $l "r" (type $r))
    (import "number" (func $number async (param "r" (borrow $r)) (result u32)))
    (core func $make (canon lower (func $l "make")))
    (core func $number' (canon lower (func $number)))
    (core func $return (canon task.return (result u32)))
    (core module $M
      (import "" "make" (func $make (result i32)))
      (import "" "number" (func $number (param i32) (result i32)))
      (import "" "return" (func $return (param i32)))
      (func (export "run") (result i32) (call $return (call $number (call $make))) (i32.const 0))
      (func (export "callback") (param i32 i32 i32) (result i32) unreachable))
    (core instance $m (instantiate $M (with "" (instance
      (export "make" (func $make)) (export "number" (func $number')) (export "return" (func $return))))))
    (func (export "run") async (result u32) (canon lift (core func $m "run") async (callback (core func $m "callback")))))
  (instance $l (instantiate $L))
  (instance $a (instantiate $A (with "l" (instance $l))))
  (instance $d (instantiate $D (with "l" (instance $l)) (with "number" (func $a "number"))))
  (export "run" (func $d "run")))
