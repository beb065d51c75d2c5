;; Build: wasm-tools parse borrows.wat -o borrows.wasm
;; A call of a host function that takes two borrows.
(component
  (import "host" (instance $h
    (export "r" (type $r (sub resource)))
    (export "make" (func (param "n" u32) (result (own $r))))
    (export "add" (func (param "a" (borrow $r)) (param "b" (borrow $r)) (result u32)))))
  (core func $make (canon lower (func $h "make")))
  (core func $add (canon lower (func $h "add")))
  (core module $M
    (import "" "make" (func $make (param i32) (result i32)))
    (import "" "add" (func $add (param i32 i32) (result i32)))
    (func (export "f") (result i32) (call $add (call $make (i32.const 1)) (call $make (i32.const 2)))))
  (core instance $m (instantiate $M (with "" (instance (export "make" (func $make)) (export "add" (func $add))))))
  (func (export "f") (result u32) (canon lift (core func $m "f"))))
