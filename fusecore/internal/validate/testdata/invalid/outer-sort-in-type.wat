;; may only refer to types or instances
(component
  (core module $m)
  (type (instance (alias outer 1 0 (core module))))
)
