;; unknown component 3
(component
  (instance (instantiate 3))
)
