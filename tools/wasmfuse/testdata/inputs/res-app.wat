;; Imports an interface with a resource.
(component
  (import "demo:store/types@1.0.0" (instance $t (export "key" (type (sub resource)))))
  (alias export $t "key" (type $key))
  (core func $drop (canon resource.drop $key))
  (core module $m (import "t" "drop" (func $drop (param i32))) (func (export "run")))
  (core instance $i (instantiate $m (with "t" (instance (export "drop" (func $drop))))))
  (func (export "run") (canon lift (core func $i "run"))))
