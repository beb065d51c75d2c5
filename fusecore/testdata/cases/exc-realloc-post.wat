;; Exceptions out of a function, its realloc and its post-return: the caller catches none.
;;! assert_trap go() "uncaught exception"
;;! assert_trap go2() "uncaught exception"
;;! assert_trap go3() "uncaught exception"
(component
  (component $A
    (core module $m (tag $t (param i32)) (memory (export "memory") 1)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (throw $t (i32.const 1)))
      (func (export "f") (throw $t (i32.const 1)))
      (func (export "g") (param i32 i32))
      (func (export "k") (result i32) (i32.const 1))
      (func (export "post") (param i32) (throw $t (i32.const 1))))
    (core instance $i (instantiate $m))
    (func (export "f") (canon lift (core func $i "f")))
    (func (export "g") (param "s" string) (canon lift (core func $i "g") (memory $i "memory") (realloc (func $i "realloc"))))
    (func (export "k") (result u32) (canon lift (core func $i "k") (post-return (func $i "post")))))
  (instance $a (instantiate $A))
  (component $B
    (import "f" (func $f)) (import "g" (func $g (param "s" string))) (import "k" (func $k (result u32)))
    (core module $lm (memory (export "memory") 1)) (core instance $l (instantiate $lm))
    (core func $cf (canon lower (func $f))) (core func $cg (canon lower (func $g) (memory $l "memory"))) (core func $ck (canon lower (func $k)))
    (core module $m (import "" "f" (func $f)) (import "" "g" (func $g (param i32 i32))) (import "" "k" (func $k (result i32)))
      (func (export "go") (result i32) (block $b (try_table (catch_all $b) (call $f) (return (i32.const 1)))) (i32.const 99))
      (func (export "go2") (result i32) (block $b (try_table (catch_all $b) (call $g (i32.const 0) (i32.const 1)) (return (i32.const 1)))) (i32.const 99))
      (func (export "go3") (result i32) (block $b (try_table (catch_all $b) (drop (call $k)) (return (i32.const 1)))) (i32.const 99)))
    (core instance $i (instantiate $m (with "" (instance (export "f" (func $cf)) (export "g" (func $cg)) (export "k" (func $ck))))))
    (func (export "go") (result u32) (canon lift (core func $i "go"))) (func (export "go2") (result u32) (canon lift (core func $i "go2"))) (func (export "go3") (result u32) (canon lift (core func $i "go3"))))
  (instance $b (instantiate $B (with "f" (func $a "f")) (with "g" (func $a "g")) (with "k" (func $a "k"))))
  (export "go" (func $b "go")) (export "go2" (func $b "go2")) (export "go3" (func $b "go3")))
