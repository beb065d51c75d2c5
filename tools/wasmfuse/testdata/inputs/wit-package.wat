;; What "wasm-tools component wit --wasm" makes of a package: types alone.
(component
  (type $w (component
    (type $world (component
      (type $i (instance (export "run" (func))))
      (import "part" (instance (type $i)))))
    (export "demo:composite/composite-world" (component (type $world)))))
  (export "composite-world" (type $w)))
