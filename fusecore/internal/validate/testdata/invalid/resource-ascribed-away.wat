;; resource types are not the same
(component
  (component $g (type $r (resource (rep i32))) (export "p" (type $r)) (export "q" (type $r) (type (sub resource))))
  (instance $x (instantiate $g))
  (component $same
    (import "a" (type $a (sub resource)))
    (import "b" (type (eq $a))))
  (instance (instantiate $same (with "a" (type $x "p")) (with "b" (type $x "q"))))
)
