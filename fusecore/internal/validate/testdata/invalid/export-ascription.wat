;; ascribed type of export is not compatible with item's type: missing expected export `f`
(component
  (instance $i)
  (export "i" (instance $i) (instance (export "f" (func))))
)
