;; expected a result of type string, found none
(component
  (import "f" (func $f ))
  (component $c (import "x" (func (result string))))
  (instance (instantiate $c (with "x" (func $f))))
)
