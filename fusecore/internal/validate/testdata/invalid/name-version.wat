;; `1.2` is not a valid version: unexpected end of input
(component
  (import "a:b/c@1.2" (func))
)
