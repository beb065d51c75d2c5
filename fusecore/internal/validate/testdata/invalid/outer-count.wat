;; invalid outer alias count of 4
(component
  (component (alias outer 4 0 (type)))
)
