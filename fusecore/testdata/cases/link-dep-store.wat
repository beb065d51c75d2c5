;; Part of link-graph: keeps a number, and tells the host.
;;! part
(component
  (import "note" (func $note (param "x" u32)))
  (core func $note' (canon lower (func $note)))
  (core module $M (import "" "note" (func $note (param i32))) (global $n (mut i32) (i32.const 0))
    (func (export "add") (param i32) (result i32)
      (call $note (local.get 0)) (global.set $n (i32.add (global.get $n) (local.get 0))) (global.get $n)))
  (core instance $m (instantiate $M (with "" (instance (export "note" (func $note'))))))
  (func $add (param "x" u32) (result u32) (canon lift (core func $m "add")))
  (instance $i (export "add" (func $add)))
  (export "test:s/store@1.2.3" (instance $i)))
