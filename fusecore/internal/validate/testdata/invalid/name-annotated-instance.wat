;; item is not a func, it is an instance
(component
  (import "[static]r.m" (instance))
)
