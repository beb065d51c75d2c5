;; task.return in a synchronous function traps, also if its caller is a task that has yet to return.
;;! async
;;! assert_trap run() "task is not asynchronous"
(component
  (component $L
    (core module $Mem (memory (export "mem") 2) (global $p (mut i32) (i32.const 1024)) (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local i32) (local.set 4 (global.get $p)) (global.set $p (i32.add (global.get $p) (i32.and (i32.add (local.get 3) (i32.const 15)) (i32.const -8)))) (local.get 4)))
    (core instance $m (instantiate $Mem))
    (canon task.return (result u32) (core func $l_tr))
    (core module $Ml
      (import "" "mem" (memory 1))
      (import "" "tr" (func $tr (param i32)))
      (func (export "f") (call $tr (i32.const 66)))
    )
    (core instance $l (instantiate $Ml (with "" (instance
      (export "mem" (memory $m "mem"))
      (export "tr" (func $l_tr))
    ))))
    (func (export "f") (canon lift (core func $l "f")))
  )
  (component $A
    (import "f" (func $f))
    (core module $Mem (memory (export "mem") 2) (global $p (mut i32) (i32.const 1024)) (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local i32) (local.set 4 (global.get $p)) (global.set $p (i32.add (global.get $p) (i32.and (i32.add (local.get 3) (i32.const 15)) (i32.const -8)))) (local.get 4)))
    (core instance $m (instantiate $Mem))
    (canon task.return (result u32) (core func $a_tr))
    (canon lower (func $f) (memory (core memory $m "mem")) (realloc (core func $m "realloc")) (core func $a_f))
    (core module $Ma
      (import "" "mem" (memory 1))
      (import "" "tr" (func $tr (param i32)))
      (import "" "f" (func $f ))
      (func (export "run") (call $f))
    )
    (core instance $a (instantiate $Ma (with "" (instance
      (export "mem" (memory $m "mem"))
      (export "tr" (func $a_tr))
      (export "f" (func $a_f))
    ))))
    (func (export "run") async (result u32) (canon lift (core func $a "run") async))
  )
  (instance $l (instantiate $L))(instance $a (instantiate $A (with "f" (func $l "f"))))
  (export "run" (func $a "run"))
)
