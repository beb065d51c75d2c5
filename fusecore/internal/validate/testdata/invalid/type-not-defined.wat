;; type index 0 is not a defined type, it is a function type
(component
  (type $f (func))
  (type (list $f))
)
