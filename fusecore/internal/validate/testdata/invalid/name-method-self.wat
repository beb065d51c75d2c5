;; should have a first argument called `self`, found `this`
(component
  (import "r" (type $r (sub resource)))
  (import "[method]r.m" (func (param "this" (borrow $r))))
)
