;; An async instance's numbers are its own: neither the handles that others pass to a library that it uses, nor the
;; representation of a borrowed resource that the library implements, are seen in its table.
;;! async
;;! fused reports fused 3 of 3 components into 3 modules
;;! assert_return run() -> 1232
(component
  (component $L
    (type $r' (resource (rep i32)))
    (core func $new (canon resource.new $r'))
    (core module $M
      (import "" "new" (func $new (param i32) (result i32)))
      (memory (export "memory") 1)
      (func (export "make") (result i32) (call $new (i32.const 42)))
      (func (export "take") (param i32 i32))
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 64))
      (func (export "f") (result i32) (i32.const 1000)))
    (core instance $m (instantiate $M (with "" (instance (export "new" (func $new))))))
    (export $r "r" (type $r'))
    (func (export "make") (result (own $r)) (canon lift (core func $m "make")))
    (func (export "take") (param "rs" (list (own $r)))
      (canon lift (core func $m "take") (memory (core memory $m "memory")) (realloc (core func $m "realloc"))))
    (func (export "f") (result u32) (canon lift (core func $m "f"))))
  (component $A
    (import "f" (func $f (result u32)))
    (core func $f' (canon lower (func $f)))
    (core func $new (canon waitable-set.new))
    (core func $return (canon task.return (result u32)))
    (core module $M
      (import "" "f" (func $f (result i32)))
      (import "" "new" (func $new (result i32)))
      (import "" "return" (func $return (param i32)))
      (func (export "number") (result i32) (call $return (i32.add (call $new) (call $f))) (i32.const 0))
      (func (export "callback") (param i32 i32 i32) (result i32) unreachable))
    (core instance $m (instantiate $M (with "" (instance
      (export "f" (func $f')) (export "new" (func $new)) (export "return" (func $return))))))
    (func (export "number") async (result u32) (canon lift (core func $m "number") async (callback (core func $m "callback")))))
  (component $D
    (import "l" (instance $l
      (export "r" (type $r (sub resource)))
      (export "make" (func (result (own $r))))
      (export "take" (func (param "rs" (list (own $r)))))))
    (import "number" (func $number async (result u32)))
    (core module $Memory (memory (export "memory") 1))
    (core instance $memory (instantiate $Memory))
    (core func $make (canon lower (func $l "make")))
    (core func $take (canon lower (func $l "take") (memory (core memory $memory "memory"))))
    (core func $number' (canon lower (func $number)))
    (core func $return (canon task.return (result u32)))
    (core module $M
      (import "" "memory" (memory 1))
      (import "" "make" (func $make (result i32)))
      (import "" "take" (func $take (param i32 i32)))
      (import "" "number" (func $number (result i32)))
      (import "" "return" (func $return (param i32)))
      (func (export "run") (result i32) (local $n i32)
        (local.set $n (i32.mul (i32.const 100) (i32.sub (call $number) (i32.const 990))))
        (i32.store (i32.const 0) (call $make))
        (i32.store (i32.const 4) (call $make))
        (i32.store (i32.const 8) (call $make))
        (call $take (i32.const 0) (i32.const 3))
        (local.set $n (i32.add (local.get $n) (i32.mul (i32.const 10) (i32.sub (call $number) (i32.const 1000)))))
        (call $return (i32.add (local.get $n) (i32.add (i32.const 109) (i32.sub (call $number) (i32.const 1000)))))
        (i32.const 0))
      (func (export "callback") (param i32 i32 i32) (result i32) unreachable))
    (core instance $m (instantiate $M (with "" (instance
      (export "memory" (memory $memory "memory")) (export "make" (func $make)) (export "take" (func $take))
      (export "number" (func $number')) (export "return" (func $return))))))
    (func (export "run") async (result u32) (canon lift (core func $m "run") async (callback (core func $m "callback")))))
  (instance $l (instantiate $L))
  (instance $a (instantiate $A (with "f" (func $l "f"))))
  (instance $d (instantiate $D (with "l" (instance $l)) (with "number" (func $a "number"))))
  (export "run" (func $d "run")))
