;; Exports the resource type that it imports through an interface of its own: make returns an item with ten times n.
(component
  (import "test:wac/store@1.0.0" (instance $store
    (export "item" (type $item (sub resource)))
    (export "[constructor]item" (func (param "n" u32) (result (own $item))))))
  (alias export $store "item" (type $item))
  (core func $new (canon lower (func $store "[constructor]item")))
  (core module $M
    (import "in" "new" (func $new (param i32) (result i32)))
    (func (export "make") (param i32) (result i32) (call $new (i32.mul (local.get 0) (i32.const 10)))))
  (core instance $m (instantiate $M (with "in" (instance (export "new" (func $new))))))
  (func $make (param "n" u32) (result (own $item)) (canon lift (core func $m "make")))
  (component $C
    (import "item" (type $item (sub resource)))
    (import "make" (func $make (param "n" u32) (result (own $item))))
    (export $out "item" (type $item))
    (export "make" (func $make) (func (param "n" u32) (result (own $out)))))
  (instance $api (instantiate $C (with "item" (type $item)) (with "make" (func $make))))
  (export "test:wac/api@1.0.0" (instance $api)))
