;; An asynchronous call that returns at once leaves no entry in the table.
;;! async
;;! assert_return run() -> 401
(component
  (component $L
    (core module $Mem (memory (export "mem") 2) (global $p (mut i32) (i32.const 1024)) (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local i32) (local.set 4 (global.get $p)) (global.set $p (i32.add (global.get $p) (i32.and (i32.add (local.get 3) (i32.const 15)) (i32.const -8)))) (local.get 4)))
    (core instance $m (instantiate $Mem))
    (canon task.return (result u32) (core func $l_tr))
    (core module $Ml
      (import "" "mem" (memory 1))
      (import "" "tr" (func $tr (param i32)))
      (func (export "f") (result i32) (i32.const 9))
      (func (export "g") (result i32) (call $tr (i32.const 9)) (i32.const 0))
      (func (export "never-cb") (param i32 i32 i32) (result i32) unreachable)
    )
    (core instance $l (instantiate $Ml (with "" (instance
      (export "mem" (memory $m "mem"))
      (export "tr" (func $l_tr))
    ))))
    (func (export "f") async (result u32) (canon lift (core func $l "f")))
    (func (export "g") async (result u32) (canon lift (core func $l "g") async (callback (core func $l "never-cb"))))
  )
  (component $A
    (import "f" (func $f async (result u32))) (import "g" (func $g async (result u32)))
    (core module $Mem (memory (export "mem") 2) (global $p (mut i32) (i32.const 1024)) (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local i32) (local.set 4 (global.get $p)) (global.set $p (i32.add (global.get $p) (i32.and (i32.add (local.get 3) (i32.const 15)) (i32.const -8)))) (local.get 4)))
    (core instance $m (instantiate $Mem))
    (canon task.return (result u32) (core func $a_tr))
    (canon waitable-set.new (core func $a_wsnew))
    (canon lower (func $f) async (memory (core memory $m "mem")) (realloc (core func $m "realloc")) (core func $a_f))
    (canon lower (func $g) async (memory (core memory $m "mem")) (realloc (core func $m "realloc")) (core func $a_g))
    (core module $Ma
      (import "" "mem" (memory 1))
      (import "" "tr" (func $tr (param i32)))
      (import "" "wsnew" (func $wsnew (result i32)))
      (import "" "f" (func $f (param i32) (result i32)))
      (import "" "g" (func $g (param i32) (result i32)))
      (func (export "run") (local $s i32) (local.set $s (i32.mul (i32.const 100) (i32.add (call $f (i32.const 8)) (call $g (i32.const 12))))) (call $tr (i32.add (local.get $s) (call $wsnew))))
    )
    (core instance $a (instantiate $Ma (with "" (instance
      (export "mem" (memory $m "mem"))
      (export "tr" (func $a_tr))
      (export "wsnew" (func $a_wsnew))
      (export "f" (func $a_f))
      (export "g" (func $a_g))
    ))))
    (func (export "run") async (result u32) (canon lift (core func $a "run") async))
  )
  (instance $l (instantiate $L))(instance $a (instantiate $A (with "f" (func $l "f")) (with "g" (func $l "g"))))
  (export "run" (func $a "run"))
)
