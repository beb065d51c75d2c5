;; A library finds 0 in its context slots and leaves its caller's alone.
;;! async
;;! assert_return run() -> 5
(component
  (component $L
    (core module $Mem (memory (export "mem") 2) (global $p (mut i32) (i32.const 1024)) (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local i32) (local.set 4 (global.get $p)) (global.set $p (i32.add (global.get $p) (i32.and (i32.add (local.get 3) (i32.const 15)) (i32.const -8)))) (local.get 4)))
    (core instance $m (instantiate $Mem))
    (canon context.get i32 0 (core func $l_cget))
    (canon context.set i32 0 (core func $l_cset))
    (core module $Ml
      (import "" "mem" (memory 1))
      (import "" "cget" (func $cget (result i32)))
      (import "" "cset" (func $cset (param i32)))
      (func (export "f") (result i32) (local $r i32) (local.set $r (call $cget)) (call $cset (i32.const 99)) (local.get $r))
    )
    (core instance $l (instantiate $Ml (with "" (instance
      (export "mem" (memory $m "mem"))
      (export "cget" (func $l_cget))
      (export "cset" (func $l_cset))
    ))))
    (func (export "f") (result u32) (canon lift (core func $l "f")))
  )
  (component $A
    (import "f" (func $f (result u32)))
    (core module $Mem (memory (export "mem") 2) (global $p (mut i32) (i32.const 1024)) (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local i32) (local.set 4 (global.get $p)) (global.set $p (i32.add (global.get $p) (i32.and (i32.add (local.get 3) (i32.const 15)) (i32.const -8)))) (local.get 4)))
    (core instance $m (instantiate $Mem))
    (canon task.return (result u32) (core func $a_tr))
    (canon context.get i32 0 (core func $a_cget))
    (canon context.set i32 0 (core func $a_cset))
    (canon lower (func $f) (memory (core memory $m "mem")) (realloc (core func $m "realloc")) (core func $a_f))
    (core module $Ma
      (import "" "mem" (memory 1))
      (import "" "tr" (func $tr (param i32)))
      (import "" "cget" (func $cget (result i32)))
      (import "" "cset" (func $cset (param i32)))
      (import "" "f" (func $f (result i32)))
      (func (export "run") (local $r i32) (call $cset (i32.const 5)) (local.set $r (call $f)) (call $tr (i32.add (i32.mul (local.get $r) (i32.const 1000)) (call $cget))))
    )
    (core instance $a (instantiate $Ma (with "" (instance
      (export "mem" (memory $m "mem"))
      (export "tr" (func $a_tr))
      (export "cget" (func $a_cget))
      (export "cset" (func $a_cset))
      (export "f" (func $a_f))
    ))))
    (func (export "run") async (result u32) (canon lift (core func $a "run") async))
  )
  (instance $l (instantiate $L))(instance $a (instantiate $A (with "f" (func $l "f"))))
  (export "run" (func $a "run"))
)
