;; Exports a component and its type.
(component
  (component $c (import "f" (func (param "x" (list u8)))) (component $deep))
  (export "nested" (component $c))
  (type $t (component (export "g" (func (result string)))))
  (export "shape" (type $t)))
