;; A component that instantiates a core module of the host, which no tool can fuse: its code is not known.
(component
  (import "code" (core module $code (export "f" (func))))
  (core instance $code (instantiate $code))
  (func (export "run") (canon lift (core func $code "f"))))
