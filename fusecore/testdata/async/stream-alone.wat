;; An instance without an async function can create streams. Its built-ins are the runtime's.
;;! async
;;! assert_return f()
;;! fused has stream.new
(component
  (type $s (stream u8))
  (core func $new (canon stream.new $s))
  (core func $drop (canon stream.drop-readable $s))
  (core module $M
    (import "" "new" (func $new (result i64)))
    (import "" "drop" (func $drop (param i32)))
    (func (export "f") (call $drop (i32.wrap_i64 (call $new)))))
  (core instance $i (instantiate $M (with "" (instance (export "new" (func $new)) (export "drop" (func $drop))))))
  (func (export "f") (canon lift (core func $i "f"))))
