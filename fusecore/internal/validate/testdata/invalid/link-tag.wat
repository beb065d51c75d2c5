;; expected tag type
(component
  (core module $a (tag (export "x") (param f32)))
  (core module $b (import "m" "x" (tag (param i32))))
  (core instance $a (instantiate $a))
  (core instance (instantiate $b (with "m" (instance $a))))
)
