;; A lifted function must have the very type that its flattened parameters and results make: this one's looks like it, but
;; stands in a larger recursion group.
;;! refused "larger recursion group"
(component
  (core module $M
    (rec (type $t (func (param i32) (result i32))) (type $u (func)))
    (func (export "f") (type $t) (local.get 0)))
  (core instance $m (instantiate $M))
  (func (export "f") (param "x" u32) (result u32) (canon lift (core func $m "f"))))
