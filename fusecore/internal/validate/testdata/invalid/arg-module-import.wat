;; missing expected import `a::b`
(component
  (core module $m (import "a" "b" (func)))
  (component $c (import "m" (core module (export "x" (func)))))
  (instance (instantiate $c (with "m" (core module $m))))
)
