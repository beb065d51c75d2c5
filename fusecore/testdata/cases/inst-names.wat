;; Custom and name sections, odd ones included, do no harm.
;;! assert_return f() -> 1
(component
  (core module $M (@custom "name" "\00\01x") (@custom "other" "\ff\ff\ff") (@custom ".debug_info" (after last) "\00")
    (func $f (export "f") (result i32) (i32.const 1)))
  (core instance $m (instantiate $M))
  (func (export "f") (result u32) (canon lift (core func $m "f")))
  (@custom "component-name" "\00\ff"))
