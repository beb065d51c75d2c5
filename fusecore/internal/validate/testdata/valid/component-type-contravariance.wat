;; a component that imports less and exports more is a subtype
(component
  (component $p (import "a" (func $a)) (export "x" (func $a)) (export "y" (func $a)))
  (component $c (import "p" (component (import "a" (func)) (import "b" (func)) (export "x" (func)))))
  (instance (instantiate $c (with "p" (component $p))))
)
