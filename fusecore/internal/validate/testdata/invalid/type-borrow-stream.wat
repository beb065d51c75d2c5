;; cannot contain a `borrow` type
(component
  (type $r (resource (rep i32)))
  (type $b (borrow $r))
  (type (future $b))
)
