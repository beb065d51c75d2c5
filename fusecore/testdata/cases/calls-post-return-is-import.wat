;; A lowered function of another instance, and one of the host, as post-return functions themselves.
;;! host log
;;! assert_return plain() -> 7
;;! assert_trap via-guest() "cannot leave component instance"
;;! assert_trap inner-guest() "cannot leave component instance"
;;! assert_trap inner-host() "cannot leave component instance"
(component
  (import "log" (func $log (param "x" u32)))
  (component $C
    (core module $M (func (export "eat") (param i32)))
    (core instance $m (instantiate $M))
    (func (export "eat") (param "x" u32) (canon lift (core func $m "eat"))))
  (component $B
    (import "log" (func $log (param "x" u32)))
    (import "eat" (func $eat (param "x" u32)))
    (core func $log' (canon lower (func $log)))
    (core func $eat' (canon lower (func $eat)))
    (core module $M (func (export "f") (result i32) (i32.const 7)))
    (core instance $m (instantiate $M))
    (func (export "plain") (result u32) (canon lift (core func $m "f")))
    (func (export "via-guest") (result u32) (canon lift (core func $m "f") (post-return (func $eat'))))
    (func (export "via-host") (result u32) (canon lift (core func $m "f") (post-return (func $log')))))
  (component $A
    (import "g" (func $g (result u32)))
    (import "h" (func $h (result u32)))
    (core func $g' (canon lower (func $g)))
    (core func $h' (canon lower (func $h)))
    (core module $M
      (import "" "g" (func $g (result i32)))
      (import "" "h" (func $h (result i32)))
      (func (export "g") (result i32) (call $g))
      (func (export "h") (result i32) (call $h)))
    (core instance $m (instantiate $M (with "" (instance (export "g" (func $g')) (export "h" (func $h'))))))
    (func (export "g") (result u32) (canon lift (core func $m "g")))
    (func (export "h") (result u32) (canon lift (core func $m "h"))))
  (instance $c (instantiate $C))
  (instance $b (instantiate $B (with "log" (func $log)) (with "eat" (func $c "eat"))))
  (instance $a (instantiate $A (with "g" (func $b "via-guest")) (with "h" (func $b "via-host"))))
  (export "plain" (func $b "plain"))
  (export "via-guest" (func $b "via-guest"))
  (export "inner-guest" (func $a "g"))
  (export "inner-host" (func $a "h")))
