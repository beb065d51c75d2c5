;; resource types are not the same
(component
  (import "r" (type $r (sub resource)))
  (import "s" (type $s (sub resource)))
  (type $one (component (alias outer 1 0 (type $r)) (export "r" (type $q (eq $r))) (export "f" (func (param "x" (own $q))))))
  (import "c" (component $c (type $one)))
  (component $user
    (import "s" (type $s (sub resource)))
    (type $two (component (alias outer 1 0 (type $s)) (export "r" (type $q (eq $s))) (export "f" (func (param "x" (own $q))))))
    (import "c" (component (type $two))))
  (instance (instantiate $user (with "s" (type $s)) (with "c" (component $c))))
)
