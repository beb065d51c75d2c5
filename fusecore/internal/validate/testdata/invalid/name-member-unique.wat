;; export name `[static]r.m` conflicts with previous name `[method]r.m`
(component
  (type (instance (export "r" (type $r (sub resource))) (export "[method]r.m" (func (param "self" (borrow $r)))) (export "[static]r.m" (func))))
)
