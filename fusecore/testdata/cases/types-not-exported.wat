;; Types of instances and components that nobody sees: a component that does nothing, not a WIT package.
;;! fused lacks (type
(component
  (type (component (import "a" (func)) (export "b" (instance))))
  (type (instance (export "f" (func)))))
