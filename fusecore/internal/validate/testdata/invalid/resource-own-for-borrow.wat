;; expected borrow, found own
(component
  (import "r" (type $r (sub resource)))
  (import "f" (func $f (param "x" (own $r))))
  (component $c (import "r" (type $r (sub resource))) (import "f" (func (param "x" (borrow $r)))))
  (instance (instantiate $c (with "r" (type $r)) (with "f" (func $f))))
)
