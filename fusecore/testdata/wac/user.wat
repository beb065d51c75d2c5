;; Uses the items of test:wac/api by the methods of test:wac/store.
(component
  (import "test:wac/store@1.0.0" (instance $store
    (export "item" (type $item (sub resource)))
    (export "[method]item.get" (func (param "self" (borrow $item)) (result u32)))))
  (alias export $store "item" (type $item))
  (import "test:wac/api@1.0.0" (instance $api
    (alias outer 1 $item (type $outer))
    (export "item" (type $it (eq $outer)))
    (export "make" (func (param "n" u32) (result (own $it))))))
  (core func $get (canon lower (func $store "[method]item.get")))
  (core func $make (canon lower (func $api "make")))
  (core func $drop (canon resource.drop $item))
  (core module $M
    (import "in" "get" (func $get (param i32) (result i32)))
    (import "in" "make" (func $make (param i32) (result i32)))
    (import "in" "drop" (func $drop (param i32)))
    (func (export "use") (param i32) (result i32) (local $h i32)
      (local.set $h (call $make (local.get 0)))
      (call $get (local.get $h))
      (call $drop (local.get $h))))
  (core instance $m (instantiate $M (with "in" (instance (export "get" (func $get)) (export "make" (func $make)) (export "drop" (func $drop))))))
  (func $use (param "n" u32) (result u32) (canon lift (core func $m "use")))
  (export "use" (func $use)))
