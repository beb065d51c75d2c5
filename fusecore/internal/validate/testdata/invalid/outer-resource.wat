;; transitively refers to resources
(component
  (type $r (resource (rep i32)))
  (type $o (option (own $r)))
  (component (alias outer 1 $o (type)))
)
