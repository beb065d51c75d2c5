;; resource types are not the same
(component
  (component $maker
    (type $r (resource (rep i32)))
    (export "one" (type $r))
    (export "two" (type $r) (type (sub resource))))
  (component $user
    (import "maker" (component (export "one" (type $t (sub resource))) (export "two" (type (eq $t))))))
  (instance (instantiate $user (with "maker" (component $maker))))
)
