;; function result cannot contain a `borrow` type
(component
  (type $r (resource (rep i32)))
  (type (func (result (tuple u8 (borrow $r)))))
)
