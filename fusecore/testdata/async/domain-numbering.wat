;; Handles of a library's resources and waitable sets of its caller have numbers in one table.
;;! async
;;! assert_return run() -> 123
(component
  (component $L
    (type $R (resource (rep i32)))
    (core module $Mem (memory (export "mem") 2) (global $p (mut i32) (i32.const 1024)) (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local i32) (local.set 4 (global.get $p)) (global.set $p (i32.add (global.get $p) (i32.and (i32.add (local.get 3) (i32.const 15)) (i32.const -8)))) (local.get 4)))
    (core instance $m (instantiate $Mem))
    (canon resource.new $R (core func $l_rnew))
    (core module $Ml
      (import "" "mem" (memory 1))
      (import "" "rnew" (func $rnew (param i32) (result i32)))
      (func (export "mk") (result i32) (call $rnew (i32.const 42)))
    )
    (core instance $l (instantiate $Ml (with "" (instance
      (export "mem" (memory $m "mem"))
      (export "rnew" (func $l_rnew))
    ))))
    (export $R2 "r" (type $R))
    (func (export "mk") (result (own $R2)) (canon lift (core func $l "mk")))
  )
  (component $A
    (import "l" (instance $li (export "r" (type $R (sub resource))) (export "mk" (func (result (own $R))))))
    (core module $Mem (memory (export "mem") 2) (global $p (mut i32) (i32.const 1024)) (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local i32) (local.set 4 (global.get $p)) (global.set $p (i32.add (global.get $p) (i32.and (i32.add (local.get 3) (i32.const 15)) (i32.const -8)))) (local.get 4)))
    (core instance $m (instantiate $Mem))
    (canon task.return (result u32) (core func $a_tr))
    (canon waitable-set.new (core func $a_wsnew))
    (canon lower (func $li "mk") (memory (core memory $m "mem")) (realloc (core func $m "realloc")) (core func $a_mk))
    (core module $Ma
      (import "" "mem" (memory 1))
      (import "" "tr" (func $tr (param i32)))
      (import "" "wsnew" (func $wsnew (result i32)))
      (import "" "mk" (func $mk (result i32)))
      (func (export "run") (local $h i32) (local $w i32) (local $h2 i32) (local.set $h (call $mk)) (local.set $w (call $wsnew)) (local.set $h2 (call $mk)) (call $tr (i32.add (i32.add (i32.mul (local.get $h) (i32.const 100)) (i32.mul (local.get $w) (i32.const 10))) (local.get $h2))))
    )
    (core instance $a (instantiate $Ma (with "" (instance
      (export "mem" (memory $m "mem"))
      (export "tr" (func $a_tr))
      (export "wsnew" (func $a_wsnew))
      (export "mk" (func $a_mk))
    ))))
    (func (export "run") async (result u32) (canon lift (core func $a "run") async))
  )
  (instance $l (instantiate $L))(instance $a (instantiate $A (with "l" (instance $l))))
  (export "run" (func $a "run"))
)
