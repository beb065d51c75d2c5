;; Defines the resource type of test:wac/store.
(component
  (core module $M
    (func (export "new") (param i32) (result i32) (local.get 0))
    (func (export "get") (param i32) (result i32) (local.get 0)))
  (core instance $m (instantiate $M))
  (type $item (resource (rep i32)))
  (core func $new (canon resource.new $item))
  (core module $N
    (import "in" "new" (func $new (param i32) (result i32)))
    (func (export "make") (param i32) (result i32) (call $new (local.get 0))))
  (core instance $n (instantiate $N (with "in" (instance (export "new" (func $new))))))
  (func $make (param "n" u32) (result (own $item)) (canon lift (core func $n "make")))
  (func $get (param "self" (borrow $item)) (result u32) (canon lift (core func $m "get")))
  (component $C
    (import "item" (type $item (sub resource)))
    (import "make" (func $make (param "n" u32) (result (own $item))))
    (import "get" (func $get (param "self" (borrow $item)) (result u32)))
    (export $out "item" (type $item))
    (export "[constructor]item" (func $make) (func (param "n" u32) (result (own $out))))
    (export "[method]item.get" (func $get) (func (param "self" (borrow $out)) (result u32))))
  (instance $store (instantiate $C (with "item" (type $item)) (with "make" (func $make)) (with "get" (func $get))))
  (export "test:wac/store@1.0.0" (instance $store)))
