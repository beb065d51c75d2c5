;; Waitable sets and error contexts share one instance's table with resource handles: its numbers, and its traps for
;; entries of another kind. Sets have no events, error contexts no message; storing the empty one calls realloc.
;;! assert_return resource-new(100) -> 1
;;! assert_return set-new() -> 2
;;! assert_return err-new(4294967295, 4294967295) -> 3
;;! assert_return set-new() -> 4
;;! assert_return set-poll(2, 8) -> 0
;;! assert_return set-poll(4, 65528) -> 0
;;! assert_return reallocs() -> 0
;;! assert_return err-message(3, 16) -> 96
;;! assert_return err-message(3, 17) -> 96
;;! assert_return reallocs() -> 2
;;! assert_return resource-rep(1) -> 100
;;! assert_return set-drop(2)
;;! assert_return resource-new(200) -> 2
;;! assert_return err-drop(3)
;;! assert_return resource-drop(1)
;;! assert_return set-new() -> 1
;;! assert_return err-new(0, 0) -> 3
;;! assert_return resource-rep(2) -> 200
;;! assert_return set-poll(1, 0) -> 0
;;! assert_trap set-poll(2, 8) "handle of another type"
;;! assert_return set-new() -> 1
;;! assert_trap set-poll(1, 65532) "out-of-bounds pointer"
;;! assert_return set-new() -> 1
;;! assert_trap set-poll(1, 2) "misaligned pointer"
;;! assert_return set-new() -> 1
;;! assert_trap resource-rep(1) "handle of another type"
;;! assert_return set-new() -> 1
;;! assert_trap resource-drop(1) "handle of another type"
;;! assert_return set-new() -> 1
;;! assert_trap err-drop(1) "handle of another type"
;;! assert_return set-new() -> 1
;;! assert_trap err-message(1, 0) "handle of another type"
;;! assert_return set-new() -> 1
;;! assert_return set-drop(1)
;;! assert_trap set-drop(1) "unknown handle index"
;;! assert_return err-new(0, 0) -> 1
;;! assert_trap set-drop(1) "handle of another type"
;;! assert_return err-new(0, 0) -> 1
;;! assert_trap set-poll(1, 0) "handle of another type"
;;! assert_return err-new(0, 0) -> 1
;;! assert_trap err-message(1, 65532) "out-of-bounds pointer"
;;! assert_return resource-new(5) -> 1
;;! assert_trap err-drop(1) "handle of another type"
;;! assert_return resource-new(5) -> 1
;;! assert_trap set-drop(1) "handle of another type"
;;! assert_trap set-poll(0, 0) "unknown handle index"
;;! assert_trap set-drop(4294967295) "unknown handle index"
(component
  (core module $Mem (memory (export "mem") 1)
    (global $reallocs (export "reallocs") (mut i32) (i32.const 0))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (global.set $reallocs (i32.add (global.get $reallocs) (i32.const 1)))
      (i32.const 96)))
  (core instance $mem (instantiate $Mem))
  (alias core export $mem "realloc" (core func $realloc))
  (alias core export $mem "mem" (core memory $memory))
  (type $R (resource (rep i32)))
  (canon resource.new $R (core func $resource.new))
  (canon resource.drop $R (core func $resource.drop))
  (canon resource.rep $R (core func $resource.rep))
  (canon waitable-set.new (core func $set.new))
  (canon waitable-set.poll (memory $memory) (core func $set.poll))
  (canon waitable-set.drop (core func $set.drop))
  (canon error-context.new (memory $memory) (core func $err.new))
  (canon error-context.debug-message (memory $memory) (realloc $realloc) (core func $err.message))
  (canon error-context.drop (core func $err.drop))
  (core module $M
    (import "" "mem" (memory 1))
    (import "" "reallocs" (global $reallocs (mut i32)))
    (import "" "resource.new" (func $resource.new (param i32) (result i32)))
    (import "" "resource.drop" (func $resource.drop (param i32)))
    (import "" "resource.rep" (func $resource.rep (param i32) (result i32)))
    (import "" "set.new" (func $set.new (result i32)))
    (import "" "set.poll" (func $set.poll (param i32 i32) (result i32)))
    (import "" "set.drop" (func $set.drop (param i32)))
    (import "" "err.new" (func $err.new (param i32 i32) (result i32)))
    (import "" "err.message" (func $err.message (param i32 i32)))
    (import "" "err.drop" (func $err.drop (param i32)))
    (func (export "resource-new") (param i32) (result i32) (call $resource.new (local.get 0)))
    (func (export "resource-drop") (param i32) (call $resource.drop (local.get 0)))
    (func (export "resource-rep") (param i32) (result i32) (call $resource.rep (local.get 0)))
    (func (export "set-new") (result i32) (call $set.new))
    (func (export "set-poll") (param i32 i32) (result i64)
      (if (call $set.poll (local.get 0) (local.get 1)) (then unreachable))
      (i64.load (local.get 1)))
    (func (export "set-drop") (param i32) (call $set.drop (local.get 0)))
    (func (export "err-new") (param i32 i32) (result i32) (call $err.new (local.get 0) (local.get 1)))
    (func (export "err-message") (param i32 i32) (result i64)
      (call $err.message (local.get 0) (local.get 1))
      (i64.load (local.get 1)))
    (func (export "err-drop") (param i32) (call $err.drop (local.get 0)))
    (func (export "reallocs") (result i32) (global.get $reallocs))
    (data (i32.const 0) "\01\02\03\04\05\06\07\08\09\0a"))
  (core instance $m (instantiate $M (with "" (instance
    (export "mem" (memory $mem "mem"))
    (export "reallocs" (global $mem "reallocs"))
    (export "resource.new" (func $resource.new))
    (export "resource.drop" (func $resource.drop))
    (export "resource.rep" (func $resource.rep))
    (export "set.new" (func $set.new))
    (export "set.poll" (func $set.poll))
    (export "set.drop" (func $set.drop))
    (export "err.new" (func $err.new))
    (export "err.message" (func $err.message))
    (export "err.drop" (func $err.drop))))))
  (func (export "resource-new") (param "rep" u32) (result u32) (canon lift (core func $m "resource-new")))
  (func (export "resource-drop") (param "i" u32) (canon lift (core func $m "resource-drop")))
  (func (export "resource-rep") (param "i" u32) (result u32) (canon lift (core func $m "resource-rep")))
  (func (export "set-new") (result u32) (canon lift (core func $m "set-new")))
  (func (export "set-poll") (param "i" u32) (param "at" u32) (result u64) (canon lift (core func $m "set-poll")))
  (func (export "set-drop") (param "i" u32) (canon lift (core func $m "set-drop")))
  (func (export "err-new") (param "at" u32) (param "n" u32) (result u32) (canon lift (core func $m "err-new")))
  (func (export "err-message") (param "i" u32) (param "at" u32) (result u64) (canon lift (core func $m "err-message")))
  (func (export "err-drop") (param "i" u32) (canon lift (core func $m "err-drop")))
  (func (export "reallocs") (result u32) (canon lift (core func $m "reallocs"))))
