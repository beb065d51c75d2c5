;; Imports a core module.
(component (import "m" (core module (export "f" (func)))))
