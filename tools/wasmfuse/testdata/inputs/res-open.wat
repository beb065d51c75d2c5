;; Imports the types, and an interface that uses them.
(component
  (import "demo:store/types@1.0.0" (instance $t (export "key" (type (sub resource)))))
  (alias export $t "key" (type $key))
  (import "demo:store/db@1.0.0" (instance $db
    (alias outer 1 $key (type $k))
    (export "key" (type $k2 (eq $k)))
    (type $own (own $k2))
    (export "open" (func (result $own)))))
  (core func $open (canon lower (func $db "open")))
  (core module $m (import "db" "open" (func $open (result i32))) (func (export "run") (drop (call $open))))
  (core instance $i (instantiate $m (with "db" (instance (export "open" (func $open))))))
  (func (export "run") (canon lift (core func $i "run"))))
