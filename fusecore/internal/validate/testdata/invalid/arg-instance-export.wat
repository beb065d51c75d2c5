;; type mismatch in instance export `e`: missing expected export `deep`
(component
  (import "i" (instance $i (export "e" (instance))))
  (component $c (import "i" (instance (export "e" (instance (export "deep" (func)))))))
  (instance (instantiate $c (with "i" (instance $i))))
)
