;; Core modules and components are exported, imported and passed on like functions, until something is
;; instantiated, which is known then.
;;! assert_return f() -> 42
;;! assert_return g() -> 43
(component
  (component $Lib
    (core module $M (func (export "f") (result i32) (i32.const 42)))
    (core type $MT (module (export "f" (func (result i32)))))
    (component $C
      (import "m" (core module $m (type $MT)))
      (core instance $i (instantiate $m))
      (func (export "f") (result u32) (canon lift (core func $i "f"))))
    (export "m" (core module $M))
    (export "c" (component $C)))
  (instance $lib (instantiate $Lib))
  (component $User
    (core type $MT (module (export "f" (func (result i32)))))
    (type $CT (component (import "m" (core module (type $MT))) (export "f" (func (result u32)))))
    (import "lib" (instance $lib (export "c" (component (type $CT)))))
    (import "m" (core module $m (type $MT)))
    (alias export $lib "c" (component $c))
    (instance $x (instantiate $c (with "m" (core module $m))))
    (export "f" (func $x "f"))
    (export "m" (core module $m)))
  (type $F (func (result u32)))
  (core module $Other (func (export "f") (result i32) (i32.const 43)))
  (alias export $lib "c" (component $c))
  (alias export $lib "m" (core module $m))
  (instance $bundle (export "c" (component $c)))
  (instance $x (instantiate $User (with "lib" (instance $bundle)) (with "m" (core module $m))))
  (instance $y (instantiate $User (with "lib" (instance $bundle)) (with "m" (core module $Other))))
  (alias export $x "m" (core module $again))
  (core instance $i (instantiate $again))
  (func $f (type $F) (canon lift (core func $i "f")))
  (export "f" (func $f))
  (export "g" (func $y "f"))
  (export "code" (core module $again)))
