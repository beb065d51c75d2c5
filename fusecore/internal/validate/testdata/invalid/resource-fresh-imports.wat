;; resource types are not the same: expected the imported resource `p`, found the imported resource `q`
(component
  (import "p" (type $p (sub resource)))
  (import "q" (type $q (sub resource)))
  (component $same
    (import "a" (type $a (sub resource)))
    (import "b" (type (eq $a))))
  (instance (instantiate $same (with "a" (type $p)) (with "b" (type $q))))
)
