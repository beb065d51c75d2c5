;; Imports exported again, with values in memory, beside a guest's function that uses them. wasmtime 42 cannot compile such
;; components (see calls-reexport).
;;! fused has "again" (func
(component
  (import "f" (func $f (param "s" string) (result string)))
  (import "test:h/i" (instance $i
    (export "g" (func (param "l" (list u16)) (param "n" u64) (result (tuple (list u16) u64))))
    (export "h" (func (param "c" char) (result bool)))))
  (import "test:h/k" (instance $k
    (export "r" (type $r (sub resource)))
    (export "make" (func (param "n" u32) (result (own $r))))
    (export "take" (func (param "l" (list (own $r))) (result u32)))))
  (core module $Memory
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 64)))
  (core instance $memory (instantiate $Memory))
  (core func $f' (canon lower (func $f) (memory $memory "memory") (realloc (func $memory "realloc"))))
  (core module $M
    (import "" "f" (func $f (param i32 i32 i32)))
    (func (export "twice") (param i32 i32) (result i32)
      (call $f (local.get 0) (local.get 1) (i32.const 16))
      (i32.const 16)))
  (core instance $m (instantiate $M (with "" (instance (export "f" (func $f'))))))
  (func (export "twice") (param "s" string) (result string)
    (canon lift (core func $m "twice") (memory $memory "memory") (realloc (func $memory "realloc"))))
  (export "again" (func $f))
  (export "test:h/j" (instance $i))
  (export "test:h/l" (instance $k)))
