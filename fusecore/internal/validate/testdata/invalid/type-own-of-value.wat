;; type index 0 is not a resource type
(component
  (type $t (list u8))
  (type (own $t))
)
