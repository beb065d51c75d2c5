;; nested namespaces are not supported
(component
  (import "a:b:c/d" (func))
)
