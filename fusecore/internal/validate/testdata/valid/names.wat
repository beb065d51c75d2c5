;; every form of a name
(component
  (import "a" (type $a (sub resource)))
  (import "[constructor]a" (func (param "x" u8) (result (result (own $a)))))
  (import "[method]a.b" (func (param "self" (borrow $a))))
  (import "[static]a.C" (func))
  (import "ns:pkg/face" (instance))
  (import "ns:pkg/face@1.2.3-rc.1+b" (instance))
  (import "get-URL-2" (func))
)
