;; missing module instantiation argument named `m`
(component
  (core module $m (import "m" "x" (func)))
  (core instance (instantiate $m))
)
