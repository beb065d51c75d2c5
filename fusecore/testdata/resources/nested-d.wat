;; The definer of the resource type in nested-e and nested-u.
(component
  (import "log" (func $log (param "tag" u32) (param "v" u32)))
  (core func $log' (canon lower (func $log)))
  (core module $D
    (import "" "log" (func $log (param i32 i32)))
    (func (export "r") (param i32) (call $log (i32.const 1) (local.get 0)))
    (func (export "get") (param i32) (result i32) (local.get 0)))
  (core instance $d (instantiate $D (with "" (instance (export "log" (func $log'))))))
  (type $r (resource (rep i32) (dtor (func $d "r"))))
  (core func $new (canon resource.new $r))
  (func $make (param "rep" u32) (result (own $r)) (canon lift (core func $new)))
  (func $get (param "r" (borrow $r)) (result u32) (canon lift (core func $d "get")))
  (instance $api (export "r" (type $r)) (export "make" (func $make)) (export "get" (func $get)))
  (export "t:n/d" (instance $api)))
