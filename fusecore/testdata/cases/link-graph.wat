;; Three inputs: the root and one dependency share the other, whose import goes to the host.
;;! graph link-graph: link-graph.wasm link-dep-store.wasm link-dep-twice.wasm
;;! host note
;;! assert_return run(5) -> 15
;;!   note(5)
;;!   note(5)
;;!   note(5)
;;! assert_return run(1) -> 18
;;!   note(1)
;;!   note(1)
;;!   note(1)
(component
  (import "test:s/store@1.2.3" (instance $s (export "add" (func (param "x" u32) (result u32)))))
  (import "twice" (func $twice (param "x" u32) (result u32)))
  (core func $add' (canon lower (func $s "add")))
  (core func $twice' (canon lower (func $twice)))
  (core module $M (import "" "add" (func $add (param i32) (result i32))) (import "" "twice" (func $twice (param i32) (result i32)))
    (func (export "run") (param i32) (result i32) (drop (call $twice (local.get 0))) (call $add (local.get 0))))
  (core instance $m (instantiate $M (with "" (instance (export "add" (func $add')) (export "twice" (func $twice'))))))
  (func (export "run") (param "x" u32) (result u32) (canon lift (core func $m "run"))))
