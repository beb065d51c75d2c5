;; resource types are not the same
(component
  (component $g (type $r (resource (rep i32))) (export "r" (type $r)))
  (instance $x (instantiate $g))
  (instance $y (instantiate $g))
  (component $same
    (import "a" (type $a (sub resource)))
    (import "b" (type (eq $a))))
  (instance (instantiate $same (with "a" (type $x "r")) (with "b" (type $y "r"))))
)
