;; What is not instantiated passes through the world: core modules, components, and types of functions, instances and
;; components, by themselves and in instances.
;;! fused has (import "m" (core module
;;! fused has (import "c" (component
;;! fused has (import "import-module0" (core module
;;! fused has (export (;1;) "types" (instance 0) (instance
;;! fused counts i32.const 2
(component
  (type $C (component
    (import "r2" (type $r2 (sub resource)))
    (type $own2 (own $r2))
    (type $f (func (result $own2)))
    (import "x" (func (type $f)))
    (export "r3" (type $r3 (sub resource)))
    (type $own3 (own $r3))
    (type $f3 (func (param "a" $own2) (result $own3)))
    (export "g" (func (type $f3)))
    (export "k" (core module (import "a" "b" (func))))))
  (import "c" (component $c (type $C)))
  (type $i (instance (export "q" (func (result u32))) (export "x" (type (sub resource)))))
  (import "i" (type (eq $i)))
  (type $T (instance (type $f (func)) (export "f" (type (eq $f)))))
  (import "t:a/types" (instance $types (type $T)))
  (import "m" (core module $m (import "a" "b" (func (param i32 f64) (result v128))) (export "t" (table 1 funcref)) (export "g" (global (mut i64)))))
  (core module $K (func (export "run") (result i32) (i32.const 7)))
  (core instance $k (instantiate $K))
  (instance $all (export "c" (component $c)) (export "k" (core module $K)) (export "m" (core module $m)) (export "i" (type $i)) (export "types" (instance $types)))
  (func $run (result u32) (canon lift (core func $k "run")))
  (export "run" (func $run))
  (export "i2" (type $i))
  (export "types" (instance $types))
  (export "c2" (component $c))
  (export "all" (instance $all)))
