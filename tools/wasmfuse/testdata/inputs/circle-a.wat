;; Imports demo:ring/b@1.0.0 and exports demo:ring/a@1.0.0.
(component
  (import "demo:ring/b@1.0.0" (instance $p (export "f" (func))))
  (core func $f (canon lower (func $p "f")))
  (core module $m (import "p" "f" (func $f)) (func (export "f") (call $f)))
  (core instance $i (instantiate $m (with "p" (instance (export "f" (func $f))))))
  (func $g (canon lift (core func $i "f")))
  (instance $x (export "f" (func $g)))
  (export "demo:ring/a@1.0.0" (instance $x)))
