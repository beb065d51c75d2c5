;; The counter of backpressure traps below zero.
;;! async
;;! assert_return f()
;;! assert_return g()
;;! assert_trap g() "backpressure counter out of range"
(component
  (component $L
    (core module $Mem (memory (export "mem") 2) (global $p (mut i32) (i32.const 1024)) (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local i32) (local.set 4 (global.get $p)) (global.set $p (i32.add (global.get $p) (i32.and (i32.add (local.get 3) (i32.const 15)) (i32.const -8)))) (local.get 4)))
    (core instance $m (instantiate $Mem))
    (canon backpressure.inc (core func $l_bpinc))
    (canon backpressure.dec (core func $l_bpdec))
    (core module $Ml
      (import "" "mem" (memory 1))
      (import "" "bpinc" (func $bpinc ))
      (import "" "bpdec" (func $bpdec ))
      (func (export "f") (call $bpinc))
      (func (export "g") (call $bpdec))
    )
    (core instance $l (instantiate $Ml (with "" (instance
      (export "mem" (memory $m "mem"))
      (export "bpinc" (func $l_bpinc))
      (export "bpdec" (func $l_bpdec))
    ))))
    (func (export "f") (canon lift (core func $l "f")))
    (func (export "g") (canon lift (core func $l "g")))
  )
  (instance $l (instantiate $L))
  (export "f" (func $l "f"))(export "g" (func $l "g")))
