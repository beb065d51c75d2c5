;; Both ends of a stream of numbers in one instance meet.
;;! async
;;! assert_return run() -> 16
(component
  (component $A (core module $Mem (memory (export "mem") 1) (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 64)))(core instance $m (instantiate $Mem))
    (type $S (stream u8))
    (canon stream.new $S (core func $new)) (canon stream.read $S async (memory (core memory $m "mem")) (realloc (core func $m "realloc")) (core func $read)) (canon stream.write $S async (memory (core memory $m "mem")) (realloc (core func $m "realloc")) (core func $write)) (canon task.return (result u32) (core func $tr))
    (core module $M (import "" "new" (func $new (result i64))) (import "" "read" (func $read (param i32 i32 i32) (result i32))) (import "" "write" (func $write (param i32 i32 i32) (result i32))) (import "" "tr" (func $tr (param i32)))
      (func (export "run") (local $h i64) (local.set $h (call $new)) (drop (call $read (i32.wrap_i64 (local.get $h)) (i32.const 16) (i32.const 1))) (call $tr (call $write (i32.wrap_i64 (i64.shr_u (local.get $h) (i64.const 32))) (i32.const 32) (i32.const 1)))))
    (core instance $a (instantiate $M (with "" (instance (export "new" (func $new)) (export "read" (func $read)) (export "write" (func $write)) (export "tr" (func $tr))))))
    (func (export "run") async (result u32) (canon lift (core func $a "run") async)))
  (instance $a (instantiate $A))
  (export "run" (func $a "run"))
)
