;; Who defines a type holds no handle of it: one other instance does.
(component
  (import "log" (func $log (param "tag" u32) (param "v" u32)))
  (component $A
    (import "log" (func $log (param "tag" u32) (param "v" u32)))
    (core func $log' (canon lower (func $log)))
    (core module $D
      (import "" "log" (func $log (param i32 i32)))
      (func (export "dtor") (param i32) (call $log (i32.const 1) (local.get 0))))
    (core instance $d (instantiate $D (with "" (instance (export "log" (func $log'))))))
    (type $r (resource (rep i32) (dtor (func $d "dtor"))))
    (export "r" (type $r)))
  (component $U
    (import "r" (type $r (sub resource)))
    (core func $drop (canon resource.drop $r))
    (core module $M
      (func (export "same") (param i32) (result i32) (local.get 0))
      (func (export "is-none") (param i32 i32) (result i32) (i32.eqz (local.get 0))))
    (core instance $m (instantiate $M))
    (func (export "drop") (param "h" u32) (canon lift (core func $drop)))
    (func (export "take") (param "r" (own $r)) (result u32) (canon lift (core func $m "same")))
    (func (export "give") (param "h" u32) (result (own $r)) (canon lift (core func $m "same")))
    (func (export "is-none") (param "o" (option (borrow $r))) (result bool) (canon lift (core func $m "is-none"))))
  (instance $a (instantiate $A (with "log" (func $log))))
  (alias export $a "r" (type $r))
  (instance $u (instantiate $U (with "r" (type $r))))
  (export "a" (instance $a))
  (export "u" (instance $u)))
