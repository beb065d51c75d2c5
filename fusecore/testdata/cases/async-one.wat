;; One built-in with one argument and one result, for the tests of those that have no text form: see async_test.go.
;;! assert_trap f(1) "no such subtask, stream or future"
(component
  (core func $op (canon subtask.cancel))
  (core module $M
    (import "" "op" (func $op (param i32) (result i32)))
    (func (export "f") (param i32) (result i32) (call $op (local.get 0))))
  (core instance $i (instantiate $M (with "" (instance (export "op" (func $op))))))
  (func (export "f") (param "i" u32) (result u32) (canon lift (core func $i "f"))))
