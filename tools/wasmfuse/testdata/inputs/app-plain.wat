;; Imports an instance under a plain name.
(component
  (import "plain" (instance $p (export "f" (func))))
  (core func $f (canon lower (func $p "f")))
  (core module $m (import "p" "f" (func $f)) (func (export "run") (call $f)))
  (core instance $i (instantiate $m (with "p" (instance (export "f" (func $f))))))
  (func (export "run") (canon lift (core func $i "run"))))
