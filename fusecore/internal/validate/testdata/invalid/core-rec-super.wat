;; a type cannot extend a final type
(component
  (core module (type $a (func)) (type (sub $a (func))))
)
