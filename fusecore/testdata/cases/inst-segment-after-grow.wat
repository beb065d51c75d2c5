;; A segment that only fits because an earlier start function grew the memory.
;;! assert_return get() -> 97
(component
  (core module $A (memory (export "m") 1) (table (export "t") 1 funcref) (func $f)
    (func (export "get") (result i32) (i32.load8_u (i32.const 65536)))
    (func $s (drop (memory.grow (i32.const 1))) (drop (table.grow (ref.func $f) (i32.const 3)))) (elem declare func $f) (start $s))
  (core instance $a (instantiate $A))
  (core module $B (import "" "m" (memory 1)) (import "" "t" (table 1 funcref)) (func $g) (elem (i32.const 3) $g) (data (i32.const 65536) "abc"))
  (core instance $b (instantiate $B (with "" (instance $a))))
  (func (export "get") (result u32) (canon lift (core func $a "get"))))
