;; A destructor that throws; the dropping component catches everything, but nothing of another component.
(component
  (import "log" (func $log (param "tag" u32) (param "v" u32)))
  (component $A
    (import "log" (func $log (param "tag" u32) (param "v" u32)))
    (core func $log' (canon lower (func $log)))
    (core module $D
      (import "" "log" (func $log (param i32 i32)))
      (tag $t)
      (func (export "dtor") (param i32)
        (call $log (i32.const 1) (local.get 0))
        (if (local.get 0) (then (throw $t))))
      (func (export "take") (param i32)))
    (core instance $d (instantiate $D (with "" (instance (export "log" (func $log'))))))
    (type $r' (resource (rep i32) (dtor (func $d "dtor"))))
    (core func $new (canon resource.new $r'))
    (export $r "r" (type $r'))
    (func (export "make") (param "rep" u32) (result (own $r)) (canon lift (core func $new))))
  (component $U
    (import "a" (instance $a
      (export "r" (type $r (sub resource)))
      (export "make" (func (param "rep" u32) (result (own $r))))))
    (alias export $a "r" (type $r))
    (core func $make (canon lower (func $a "make")))
    (core func $drop (canon resource.drop $r))
    (core module $M
      (import "" "drop" (func $drop (param i32)))
      (func (export "drop") (param i32) (result i32)
        (block $caught
          (try_table (catch_all $caught) (call $drop (local.get 0)))
          (return (i32.const 1)))
        (i32.const 2)))
    (core instance $m (instantiate $M (with "" (instance (export "drop" (func $drop))))))
    (func (export "make") (param "rep" u32) (result u32) (canon lift (core func $make)))
    (func (export "drop") (param "h" u32) (result u32) (canon lift (core func $m "drop"))))
  (instance $a (instantiate $A (with "log" (func $log))))
  (instance $u (instantiate $U (with "a" (instance $a))))
  (export "a" (instance $a))
  (export "u" (instance $u)))
