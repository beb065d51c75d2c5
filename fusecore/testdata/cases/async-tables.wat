;; One instance alone holds handles, another one makes waitable sets. Each has its own
;; numbers, and those of the first are shared with error contexts.
;;! assert_return set-new() -> 1
;;! assert_return make-and-count() -> 1
;;! assert_return set-new() -> 2
;;! assert_return make-and-count() -> 1
;;! assert_trap throwing() "uncaught exception"
(component
  (component $B
    (core func $set.new (canon waitable-set.new))
    (core module $M
      (import "" "set.new" (func $set.new (result i32)))
      (func (export "set.new") (result i32) (call $set.new)))
    (core instance $i (instantiate $M (with "" (instance (export "set.new" (func $set.new))))))
    (func (export "set-new") (result u32) (canon lift (core func $i "set.new"))))
  (component $C
    (core module $Mem
      (tag $t)
      (memory (export "m") 1)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (throw $t)))
    (core instance $mem (instantiate $Mem))
    (alias core export $mem "m" (core memory $m))
    (alias core export $mem "realloc" (core func $realloc))
    (type $r' (resource (rep i32)))
    (export $r "r" (type $r'))
    (core func $new (canon resource.new $r'))
    (core func $drop (canon resource.drop $r'))
    (core func $err (canon error-context.new (memory $m)))
    (core func $message (canon error-context.debug-message (memory $m) (realloc $realloc)))
    (core module $M
      (import "" "new" (func $new (param i32) (result i32)))
      (import "" "drop" (func $drop (param i32)))
      (import "" "err" (func $err (param i32 i32) (result i32)))
      (import "" "message" (func $message (param i32 i32)))
      (func (export "make-and-count") (result i32) (local $h i32)
        (local.set $h (call $new (i32.const 5)))
        (drop (call $err (i32.const 0) (i32.const 0)))
        (call $drop (local.get $h))
        (local.get $h))
      ;; An exception out of realloc is a trap, not one that the built-in's caller could catch.
      (func (export "throwing")
        (block $caught
          (try_table (catch_all $caught) (call $message (call $err (i32.const 0) (i32.const 0)) (i32.const 8))))))
    (core instance $i (instantiate $M (with "" (instance
      (export "new" (func $new)) (export "drop" (func $drop)) (export "err" (func $err)) (export "message" (func $message))))))
    (func (export "make-and-count") (result u32) (canon lift (core func $i "make-and-count")))
    (func (export "throwing") (canon lift (core func $i "throwing"))))
  (instance $b (instantiate $B))
  (instance $c (instantiate $C))
  (export "set-new" (func $b "set-new"))
  (export "make-and-count" (func $c "make-and-count"))
  (export "throwing" (func $c "throwing")))
