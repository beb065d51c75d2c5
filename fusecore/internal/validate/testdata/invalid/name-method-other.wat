;; does not match expected resource name `r`, found `s`
(component
  (import "r" (type $r (sub resource)))
  (import "s" (type $s (sub resource)))
  (import "[method]s.m" (func (param "self" (borrow $r))))
)
