;; The interface, where the resource is a number.
(component
  (type $key u32)
  (instance $x (export "key" (type $key)))
  (export "demo:store/types@1.0.0" (instance $x)))
