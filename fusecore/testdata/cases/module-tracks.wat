;; Two versions of an interface, which the names of cm32p2 do not tell apart.
;; `wasm-tools component new` imports the newer one in place of both.
;;! fused has "test:t/i@0.2.0"
;;! fused has "test:t/i@0.2.1"
(component
  (import "test:t/i@0.2.0" (instance $a (export "f" (func (result u32)))))
  (import "test:t/i@0.2.1" (instance $b (export "f" (func (result u32)))))
  (core func $a (canon lower (func $a "f")))
  (core func $b (canon lower (func $b "f")))
  (core module $M
    (import "" "a" (func $a (result i32)))
    (import "" "b" (func $b (result i32)))
    (func (export "sum") (result i32) (i32.add (call $a) (call $b))))
  (core instance $m (instantiate $M (with "" (instance (export "a" (func $a)) (export "b" (func $b))))))
  (func (export "sum") (result u32) (canon lift (core func $m "sum"))))
