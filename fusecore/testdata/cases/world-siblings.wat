;; Two exported instances have the same enum, as that of a third: none of them is named after another.
;;! assert_return c#g(b) -> b
;;! assert_return p#f(a) -> a
(component
  (component $P
    (type $e0 (enum "a" "b")) (export $e "e" (type $e0))
    (core module $m (func (export "f") (param i32) (result i32) (local.get 0))) (core instance $i (instantiate $m))
    (func (export "f") (param "x" $e) (result $e) (canon lift (core func $i "f"))))
  (instance $p (instantiate $P))
  (component $C
    (import "p" (instance $p (type $e0 (enum "a" "b")) (export "e" (type $e (eq $e0))) (export "f" (func (param "x" $e) (result $e)))))
    (alias export $p "e" (type $e))
    (core func $f (canon lower (func $p "f")))
    (core module $m (import "" "f" (func $f (param i32) (result i32))) (func (export "g") (param i32) (result i32) (call $f (local.get 0))))
    (core instance $i (instantiate $m (with "" (instance (export "f" (func $f))))))
    (export $ee "e" (type $e))
    (func (export "g") (param "x" $ee) (result $ee) (canon lift (core func $i "g"))))
  (instance $c (instantiate $C (with "p" (instance $p))))
  (export "c" (instance $c)) (export "p" (instance $p)))
