;; A function under the name of the interface is no interface.
(component
  (core module $m (func (export "f")))
  (core instance $i (instantiate $m))
  (func (export "plain") (canon lift (core func $i "f"))))
