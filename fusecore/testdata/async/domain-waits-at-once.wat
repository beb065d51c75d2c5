;; A synchronous function of a library calls an asynchronous one, which returns at once. So it may.
;;! async
;;! assert_return run() -> 7
(component
  (component $X
    (core module $Mem (memory (export "mem") 2) (global $p (mut i32) (i32.const 1024)) (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local i32) (local.set 4 (global.get $p)) (global.set $p (i32.add (global.get $p) (i32.and (i32.add (local.get 3) (i32.const 15)) (i32.const -8)))) (local.get 4)))
    (core instance $m (instantiate $Mem))
    (canon task.return (result u32) (core func $x_tr))
    (core module $Mx
      (import "" "mem" (memory 1))
      (import "" "tr" (func $tr (param i32)))
      (func (export "g") (result i32) (call $tr (i32.const 7)) (i32.const 0))
      (func (export "g-cb") (param i32 i32 i32) (result i32) unreachable)
    )
    (core instance $x (instantiate $Mx (with "" (instance
      (export "mem" (memory $m "mem"))
      (export "tr" (func $x_tr))
    ))))
    (func (export "g") async (result u32) (canon lift (core func $x "g") async (callback (core func $x "g-cb"))))
  )
  (component $L
    (import "g" (func $g async (result u32)))
    (core module $Mem (memory (export "mem") 2) (global $p (mut i32) (i32.const 1024)) (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local i32) (local.set 4 (global.get $p)) (global.set $p (i32.add (global.get $p) (i32.and (i32.add (local.get 3) (i32.const 15)) (i32.const -8)))) (local.get 4)))
    (core instance $m (instantiate $Mem))
    (canon lower (func $g) (memory (core memory $m "mem")) (realloc (core func $m "realloc")) (core func $l_g))
    (core module $Ml
      (import "" "mem" (memory 1))
      (import "" "g" (func $g (result i32)))
      (func (export "f") (result i32) (call $g))
    )
    (core instance $l (instantiate $Ml (with "" (instance
      (export "mem" (memory $m "mem"))
      (export "g" (func $l_g))
    ))))
    (func (export "f") (result u32) (canon lift (core func $l "f")))
  )
  (component $A
    (import "f" (func $f (result u32)))
    (core module $Mem (memory (export "mem") 2) (global $p (mut i32) (i32.const 1024)) (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local i32) (local.set 4 (global.get $p)) (global.set $p (i32.add (global.get $p) (i32.and (i32.add (local.get 3) (i32.const 15)) (i32.const -8)))) (local.get 4)))
    (core instance $m (instantiate $Mem))
    (canon task.return (result u32) (core func $a_tr))
    (canon lower (func $f) (memory (core memory $m "mem")) (realloc (core func $m "realloc")) (core func $a_f))
    (core module $Ma
      (import "" "mem" (memory 1))
      (import "" "tr" (func $tr (param i32)))
      (import "" "f" (func $f (result i32)))
      (func (export "run") (call $tr (call $f)))
    )
    (core instance $a (instantiate $Ma (with "" (instance
      (export "mem" (memory $m "mem"))
      (export "tr" (func $a_tr))
      (export "f" (func $a_f))
    ))))
    (func (export "run") async (result u32) (canon lift (core func $a "run") async))
  )
  (instance $x (instantiate $X))(instance $l (instantiate $L (with "g" (func $x "g"))))(instance $a (instantiate $A (with "f" (func $l "f"))))
  (export "run" (func $a "run"))
)
