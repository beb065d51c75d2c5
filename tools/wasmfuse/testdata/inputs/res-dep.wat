;; Defines the resource.
(component
  (type $key (resource (rep i32)))
  (instance $x (export "key" (type $key)))
  (export "demo:store/types@1.0.0" (instance $x)))
