package taskgen

import (
	"fmt"
	"strings"
)

// Harness returns a component in text that imports all functions that the world exports, and exports them with two more:
//
//   - salt starts as many tasks as its second argument says, of which those whose bit in the first argument is set never end.
//     An engine may number tasks, reuse the numbers, and choose by them between tasks that could go on. The specification
//     allows any choice. So after a call of salt the world may behave differently, in all ways that depend on such choices.
//   - settle returns after all other tasks have gone on until they wait. Without it the host may go on before.
func (w *World) Harness() string {
	var b strings.Builder
	b.WriteString("(component\n")
	for i := range w.nodes {
		for _, name := range w.exports(i) {
			fmt.Fprintf(&b, "(import \"%s%d\" (func $%s%d %s)) (export \"%s%d\" (func $%s%d))\n", name, i, name, i, funcTypes[name], name, i, name, i)
		}
	}
	b.WriteString(harness)
	return b.String()
}

const harness = `
(component $Nap
  (core func $set (canon waitable-set.new)) (core func $return (canon task.return))
  (core module $M
    (import "" "set" (func $set (result i32))) (import "" "return" (func $return))
    (func (export "nap") (param i32) (result i32)
      (call $return)
      (if (local.get 0) (then (return (i32.or (i32.const 2) (i32.shl (call $set) (i32.const 4))))))
      (i32.const 1))
    (func (export "callback") (param i32 i32 i32) (result i32) (i32.const 0)))
  (core instance $m (instantiate $M (with "" (instance (export "set" (func $set)) (export "return" (func $return))))))
  (func (export "nap") async (param "hang" bool) (canon lift (core func $m "nap") async (callback (func $m "callback")))))
(instance $nap (instantiate $Nap))
(component $Salt
  (import "nap" (func $nap async (param "hang" bool)))
  (core func $nap' (canon lower (func $nap) async)) (core func $return (canon task.return))
  (core module $M
    (import "" "nap" (func $nap (param i32) (result i32))) (import "" "return" (func $return))
    (global $yields (mut i32) (i32.const 0))
    (func (export "salt") (param $bits i32) (param $n i32) (result i32)
      (global.set $yields (i32.const 4))
      (loop $l (if (local.get $n) (then
        (drop (call $nap (i32.and (local.get $bits) (i32.const 1))))
        (local.set $bits (i32.shr_u (local.get $bits) (i32.const 1))) (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br $l))))
      (i32.const 1))
    (func (export "callback") (param i32 i32 i32) (result i32)
      (global.set $yields (i32.sub (global.get $yields) (i32.const 1)))
      (if (global.get $yields) (then (return (i32.const 1))))
      (call $return) (i32.const 0)))
  (core instance $m (instantiate $M (with "" (instance (export "nap" (func $nap')) (export "return" (func $return))))))
  (func (export "salt") async (param "bits" u32) (param "n" u32) (canon lift (core func $m "salt") async (callback (func $m "callback")))))
(instance $salt (instantiate $Salt (with "nap" (func $nap "nap"))))
(export "salt" (func $salt "salt"))
(component $Settle
  (core func $return (canon task.return))
  (core module $M
    (import "" "return" (func $return))
    (global $yields (mut i32) (i32.const 0))
    (func (export "settle") (result i32) (global.set $yields (i32.const 100)) (i32.const 1))
    (func (export "callback") (param i32 i32 i32) (result i32)
      (global.set $yields (i32.sub (global.get $yields) (i32.const 1)))
      (if (global.get $yields) (then (return (i32.const 1))))
      (call $return) (i32.const 0)))
  (core instance $m (instantiate $M (with "" (instance (export "return" (func $return))))))
  (func (export "settle") async (canon lift (core func $m "settle") async (callback (func $m "callback")))))
(instance $settle (instantiate $Settle))
(export "settle" (func $settle "settle"))
)
`
