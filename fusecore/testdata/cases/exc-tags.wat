;; A tag is shared by the modules that import it, and is another one for each instance of the module that defines it.
;;! assert_return shared() -> 7
;;! assert_return other() -> 999
;;! assert_return payload() -> 11
(component
  (core module $T (tag (export "e") (param i32 i64)))
  (core instance $t1 (instantiate $T))
  (core instance $t2 (instantiate $T))
  (core module $Throw
    (import "" "e" (tag $e (param i32 i64)))
    (func (export "throw") (throw $e (i32.const 7) (i64.const 4))))
  (core instance $throw1 (instantiate $Throw (with "" (instance $t1))))
  (core instance $throw2 (instantiate $Throw (with "" (instance $t2))))
  (core module $Catch
    (import "" "e" (tag $e (param i32 i64)))
    (import "1" "throw" (func $throw1))
    (import "2" "throw" (func $throw2))
    (func $run (param i32) (result i32 i64)
      (block $mine (result i32 i64)
        (block $any
          (try_table (catch $e $mine) (catch_all $any)
            (if (local.get 0) (then (call $throw1)) (else (call $throw2)))))
        (i32.const 999) (i64.const 0)))
    (func (export "shared") (result i32) (drop (call $run (i32.const 1))))
    (func (export "other") (result i32) (drop (call $run (i32.const 0))))
    (func (export "payload") (result i32) (i32.add (i32.wrap_i64 (call $run (i32.const 1))))))
  (core instance $c (instantiate $Catch (with "" (instance $t1)) (with "1" (instance $throw1)) (with "2" (instance $throw2))))
  (func (export "shared") (result u32) (canon lift (core func $c "shared")))
  (func (export "other") (result u32) (canon lift (core func $c "other")))
  (func (export "payload") (result u32) (canon lift (core func $c "payload"))))
