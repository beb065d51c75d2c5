;; Exports that need no adapter, with a realloc and a post-return that count, and a host function
;; whose result is lowered by the same realloc. "count" gives 100 times the calls of realloc, and the calls of post-return.
;;! host h -> "abc"
;;! instance after calls
;;! assert_return go(1) -> "abc"
;;!   h(1) -> "abc"
;;! assert_return count() -> 101
;;! assert_return take("xyz") -> 3
;;! assert_return count() -> 201
;;! assert_return give() -> ""
;;! assert_return count() -> 202
;;! assert_return counted(1) -> 302
;;!   h(1) -> "abc"
;;! assert_return go(1) -> "abc"
;;!   h(1) -> "abc"
;;! assert_return count() -> 403
;;! instance scalars
;;! assert_return go(1) -> "abc"
;;!   h(1) -> "abc"
;;!     assert_trap count() "cannot enter component instance"
;;! instance arguments in memory
;;! assert_return go(1) -> "abc"
;;!   h(1) -> "abc"
;;!     assert_trap take("xyz") "cannot enter component instance"
;;! instance results in memory
;;! assert_return go(1) -> "abc"
;;!   h(1) -> "abc"
;;!     assert_trap give() "cannot enter component instance"
;;! instance counted: take
;;! assert_return take("") -> 0
;;! assert_return counted(1) -> 200
;;!   h(1) -> "abc"
;;!     assert_trap take("xyz") "cannot enter component instance"
;;! instance counted: give
;;! assert_return take("") -> 0
;;! assert_return counted(1) -> 200
;;!   h(1) -> "abc"
;;!     assert_trap give() "cannot enter component instance"
;;! instance counted: count
;;! assert_return take("") -> 0
;;! assert_return counted(1) -> 200
;;!   h(1) -> "abc"
;;!     assert_trap count() "cannot enter component instance"
;;! instance counted: counted
;;! assert_return take("") -> 0
;;! assert_return counted(1) -> 200
;;!   h(1) -> "abc"
;;!     assert_trap counted(1) "cannot enter component instance"
;;! instance itself
;;! assert_return go(1) -> "abc"
;;!   h(1) -> "abc"
;;!     assert_trap go(2) "cannot enter component instance"
(component
  (import "h" (func $h (param "x" u32) (result string)))
  (component $A
    (import "h" (func $h (param "x" u32) (result string)))
    (core module $L
      (memory (export "memory") 1) (global $t (mut i32) (i32.const 1024)) (global $n (export "n") (mut i32) (i32.const 0))
      (func (export "realloc") (param i32 i32 i32 i32) (result i32)
        (global.set $n (i32.add (global.get $n) (i32.const 100)))
        (global.set $t (i32.add (global.get $t) (local.get 3)))
        (i32.sub (global.get $t) (local.get 3))))
    (core instance $l (instantiate $L))
    (alias core export $l "memory" (core memory $memory))
    (alias core export $l "realloc" (core func $realloc))
    (core func $h' (canon lower (func $h) (memory $memory) (realloc $realloc)))
    (core module $M
      (import "" "h" (func $h (param i32 i32))) (import "l" "n" (global $n (mut i32))) (import "l" "memory" (memory 1))
      (func (export "go") (param i32) (result i32) (call $h (local.get 0) (i32.const 16)) (i32.const 16))
      (func (export "counted") (param i32) (result i32) (call $h (local.get 0) (i32.const 16)) (global.get $n))
      (func (export "take") (param i32 i32) (result i32) (local.get 1))
      (func (export "give") (result i32) (i32.store (i32.const 32) (i32.const 64)) (i32.store (i32.const 36) (i32.const 0)) (i32.const 32))
      (func (export "count") (result i32) (global.get $n))
      (func (export "done") (param i32) (global.set $n (i32.add (global.get $n) (i32.const 1)))))
    (core instance $m (instantiate $M (with "" (instance (export "h" (func $h')))) (with "l" (instance $l))))
    (alias core export $m "done" (core func $done))
    (func (export "go") (param "x" u32) (result string) (canon lift (core func $m "go") (memory $memory) (post-return $done)))
    (func (export "counted") (param "x" u32) (result u32) (canon lift (core func $m "counted")))
    (func (export "take") (param "s" string) (result u32) (canon lift (core func $m "take") (memory $memory) (realloc $realloc)))
    (func (export "give") (result string) (canon lift (core func $m "give") (memory $memory) (post-return $done)))
    (func (export "count") (result u32) (canon lift (core func $m "count"))))
  (instance $a (instantiate $A (with "h" (func $h))))
  (export "go" (func $a "go"))
  (export "counted" (func $a "counted"))
  (export "take" (func $a "take"))
  (export "give" (func $a "give"))
  (export "count" (func $a "count")))
