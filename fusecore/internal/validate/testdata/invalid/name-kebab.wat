;; `Bad-name` is not in kebab case
(component
  (import "Bad-name" (func))
)
