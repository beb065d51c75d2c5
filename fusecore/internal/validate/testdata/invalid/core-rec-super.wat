;; the supertype is final
(component
  (core module (type $a (func)) (type (sub $a (func))))
)
