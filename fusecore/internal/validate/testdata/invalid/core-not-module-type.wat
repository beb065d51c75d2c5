;; core type index 0 is not a module type
(component
  (core type $f (func))
  (import "m" (core module (type $f)))
)
