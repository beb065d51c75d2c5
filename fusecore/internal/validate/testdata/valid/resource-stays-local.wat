;; a resource that comes back from a child is still defined here
(component
  (type $r (resource (rep i32)))
  (component $id (import "in" (type $t (sub resource))) (export "out" (type $t)))
  (instance $i (instantiate $id (with "in" (type $r))))
  (alias export $i "out" (type $back))
  (core func (canon resource.new $back))
)
