;; Exports it with another type.
(component
  (core module $m (func (export "f") (param i32)))
  (core instance $i (instantiate $m))
  (func (export "choose") (param "which" u32) (canon lift (core func $i "f"))))
