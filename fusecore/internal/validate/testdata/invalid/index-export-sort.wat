;; is not a core module, it is a func
(component
  (import "i" (instance $i (export "f" (func))))
  (alias export $i "f" (core module))
)
