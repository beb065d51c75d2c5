;; A core module whose initialisation calls the host, and one that traps.
(module
  (import "env" "log" (func $log))
  (func (export "_initialize"))
  (func (export "log") (call $log))
  (func $check unreachable)
  (func (export "check") (call $check)))
