;; An exported instance whose functions come from two components, with a type of a third import; only one of the two is
;; reached by the host's calls of the other name.
;;! host test:a/t#f -> {x: 2}
;;! assert_return test:b/mix#one() -> 1
;;! assert_return test:b/mix#two({x: 41}) -> 42
(component
  (import "test:a/t" (instance $t (type $p' (record (field "x" u32))) (export "p" (type $p (eq $p'))) (export "f" (func (result $p)))))
  (alias export $t "p" (type $p))
  (component $One (core module $M (func (export "f") (result i32) (i32.const 1))) (core instance $m (instantiate $M))
    (func (export "f") (result u32) (canon lift (core func $m "f"))))
  (component $Three
    (type $p' (record (field "x" u32)))
    (import "p" (type $p (eq $p')))
    (core module $M (func (export "f") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))) (core instance $m (instantiate $M))
    (func (export "f") (param "p" $p) (result u32) (canon lift (core func $m "f"))))
  (instance $one (instantiate $One))
  (instance $three (instantiate $Three (with "p" (type $p))))
  (instance $mix (export "p" (type $p)) (export "one" (func $one "f")) (export "two" (func $three "f")))
  (export "test:b/mix" (instance $mix)))
