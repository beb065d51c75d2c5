;; A module whose start function is an import: a function of the host, and one of another instance.
;;! host ping
;;!   ping()
;;!   ping()
;;! assert_return n() -> 1
(component
  (import "ping" (func $ping))
  (component $A
    (import "ping" (func $ping))
    (core func $ping' (canon lower (func $ping)))
    (core module $M (import "" "ping" (func $ping)) (global $n (mut i32) (i32.const 0))
      (func (export "hit") (call $ping) (global.set $n (i32.add (global.get $n) (i32.const 1))))
      (func (export "n") (result i32) (global.get $n)))
    (core instance $m (instantiate $M (with "" (instance (export "ping" (func $ping'))))))
    (func (export "hit") (canon lift (core func $m "hit")))
    (func (export "n") (result u32) (canon lift (core func $m "n"))))
  (component $B
    (import "hit" (func $hit))
    (import "ping" (func $ping))
    (core func $hit' (canon lower (func $hit)))
    (core func $ping' (canon lower (func $ping)))
    (core module $M (import "" "f" (func $f)) (start $f))
    (core instance (instantiate $M (with "" (instance (export "f" (func $ping'))))))
    (core instance (instantiate $M (with "" (instance (export "f" (func $hit')))))))
  (instance $a (instantiate $A (with "ping" (func $ping))))
  (instance $b (instantiate $B (with "ping" (func $ping)) (with "hit" (func $a "hit"))))
  (export "n" (func $a "n")))
