;; A start function is a synchronous task: it may yield and make entries, whose numbers stay.
;;! assert_return set-new() -> 2
;;! assert_return set-new() -> 3
(component
  (core func $yield (canon thread.yield))
  (core func $set.new (canon waitable-set.new))
  (core module $M
    (import "" "yield" (func $yield (result i32)))
    (import "" "set.new" (func $set.new (result i32)))
    (func $start
      (if (i32.ne (call $set.new) (i32.const 1)) (then unreachable))
      (if (call $yield) (then unreachable)))
    (start $start)
    (func (export "set.new") (result i32) (call $set.new)))
  (core instance $i (instantiate $M (with "" (instance (export "yield" (func $yield)) (export "set.new" (func $set.new))))))
  (func (export "set-new") (result u32) (canon lift (core func $i "set.new"))))
