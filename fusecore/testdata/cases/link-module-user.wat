;; Instantiates a core module and a component that it imports.
;;! part
(component
  (import "code" (core module $m (export "f" (func (result i32)))))
  (import "t:l/make" (instance $make (export "maker" (component
    (import "f" (func (result u32)))
    (export "f" (func (result u32)))))))
  (core instance $i (instantiate $m))
  (func $f (result u32) (canon lift (core func $i "f")))
  (alias export $make "maker" (component $maker))
  (instance $made (instantiate $maker (with "f" (func $f))))
  (export "f" (func $f))
  (export "g" (func $made "f")))
