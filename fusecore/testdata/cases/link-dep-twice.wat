;; Part of link-graph: adds twice, by an older version's name.
;;! part
(component
  (import "test:s/store@1.2.0" (instance $s (export "add" (func (param "x" u32) (result u32)))))
  (core func $add' (canon lower (func $s "add")))
  (core module $M (import "" "add" (func $add (param i32) (result i32)))
    (func (export "twice") (param i32) (result i32) (drop (call $add (local.get 0))) (call $add (local.get 0))))
  (core instance $m (instantiate $M (with "" (instance (export "add" (func $add'))))))
  (func (export "twice") (param "x" u32) (result u32) (canon lift (core func $m "twice"))))
