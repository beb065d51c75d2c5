;; Instances in imported instances, whose functions are called. The runtime's API cannot offer them, so only the text is
;; looked at.
;;! fused has (export (;0;) "inner" (instance
;;! fused has (alias export 0 "inner"
;;! fused has "f" (func
;;! fused lacks "unused"
(component
  (import "test:n/nested" (instance $n (export "inner" (instance (export "f" (func (param "x" u32) (result u32)))))))
  (component $A
    (import "i" (instance $i (export "f" (func (param "x" u32) (result u32)))))
    (core func $f (canon lower (func $i "f")))
    (core module $M (import "" "f" (func $f (param i32) (result i32))) (func (export "g") (param i32) (result i32) (call $f (local.get 0))))
    (core instance $m (instantiate $M (with "" (instance (export "f" (func $f))))))
    (func (export "g") (param "x" u32) (result u32) (canon lift (core func $m "g"))))
  (alias export $n "inner" (instance $inner))
  (instance $a (instantiate $A (with "i" (instance $inner))))
  (export "g" (func $a "g")))
