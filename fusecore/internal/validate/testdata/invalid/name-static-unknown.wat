;; no preceding export named `r` is a resource
(component
  (import "r" (type $r (sub resource)))
  (import "f" (func $f))
  (export "[static]r.m" (func $f))
)
