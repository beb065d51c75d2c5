;; What a realloc may not do while the runtime calls it, to read from a stream, it may not do in the fused module either:
;; call a library of its domain.
;;! async
;;! fused reports A uses P (it is async
;;! assert_return run(0) -> 1603120
;;! assert_trap run(1) "cannot leave component instance"
(component
  (component $L
    (core module $M (func (export "l") (result i32) (i32.const 7)))
    (core instance $m (instantiate $M))
    (func (export "l") (result u32) (canon lift (core func $m "l"))))
  (component $P
    (type $st (stream string))
    (core func $new (canon stream.new $st))
    (core module $Mem (memory (export "m") 1) (data (i32.const 16) "\20\00\00\00\03\00\00\00") (data (i32.const 32) "xyz"))
    (core instance $mem (instantiate $Mem))
    (core func $write (canon stream.write $st async (memory (core memory $mem "m"))))
    (core func $ret (canon task.return (result $st)))
    (core module $M
      (import "" "new" (func $new (result i64)))
      (import "" "write" (func $write (param i32 i32 i32) (result i32)))
      (import "" "ret" (func $ret (param i32)))
      (func (export "p") (result i32) (local $s i64)
        (local.set $s (call $new))
        (call $ret (i32.wrap_i64 (local.get $s)))
        (drop (call $write (i32.wrap_i64 (i64.shr_u (local.get $s) (i64.const 32))) (i32.const 16) (i32.const 1)))
        (i32.const 0))
      (func (export "cb") (param i32 i32 i32) (result i32) unreachable))
    (core instance $m (instantiate $M (with "" (instance (export "new" (func $new)) (export "write" (func $write)) (export "ret" (func $ret))))))
    (func (export "p") async (result $st) (canon lift (core func $m "p") async (callback (core func $m "cb")))))
  (component $A
    (import "l" (func $l (result u32)))
    (type $st (stream string))
    (import "p" (func $p async (result $st)))
    (core func $l' (canon lower (func $l)))
    (core func $p' (canon lower (func $p)))
    (core func $ret (canon task.return (result u32)))
    (core module $Mem
      (import "" "l" (func $l (result i32))) (memory (export "m") 1)
      (global $bad (mut i32) (i32.const 0))
      (func (export "bad") (param i32) (global.set $bad (local.get 0)))
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (if (global.get $bad) (then (drop (call $l)))) (i32.const 64)))
    (core instance $mem (instantiate $Mem (with "" (instance (export "l" (func $l'))))))
    (core func $read (canon stream.read $st async (memory (core memory $mem "m")) (realloc (core func $mem "realloc"))))
    (core module $M
      (import "" "l" (func $l (result i32)))
      (import "" "p" (func $p (result i32)))
      (import "" "bad" (func $bad (param i32)))
      (import "" "m" (memory 1))
      (import "" "read" (func $read (param i32 i32 i32) (result i32)))
      (import "" "ret" (func $ret (param i32)))
      (func (export "run") (param $b i32) (result i32) (local $s i32) (local $r i32)
        (call $bad (local.get $b))
        (local.set $s (call $p))
        (local.set $r (call $read (local.get $s) (i32.const 16) (i32.const 1)))
        (call $ret (i32.add (i32.mul (i32.const 100000) (local.get $r)) (i32.add (i32.load8_u (i32.const 64)) (i32.mul (i32.const 1000) (i32.load (i32.const 20))))))
        (i32.const 0))
      (func (export "cb") (param i32 i32 i32) (result i32) unreachable))
    (core instance $m (instantiate $M (with "" (instance (export "l" (func $l')) (export "p" (func $p')) (export "ret" (func $ret)) (export "read" (func $read)) (export "m" (memory $mem "m")) (export "bad" (func $mem "bad"))))))
    (func (export "run") async (param "bad" u32) (result u32) (canon lift (core func $m "run") async (callback (core func $m "cb")))))
  (instance $l (instantiate $L))
  (instance $p (instantiate $P))
  (instance $a (instantiate $A (with "l" (func $l "l")) (with "p" (func $p "p"))))
  (export "run" (func $a "run")))
