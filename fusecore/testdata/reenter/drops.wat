;; An instance alone with types of its own: "r" with a destructor that calls the host, "s" without one. "go" calls the host,
;; "drop" drops a handle by itself and then calls the host.
;;! host h
;;! instance the host drops
;;! assert_return make-r(7) -> res(0)
;;! assert_return go(5)
;;!   h(5)
;;!     assert_trap drop res(0) "cannot enter component instance"
;;! instance the host drops without destructor
;;! assert_return make-s(7) -> res(0)
;;! assert_return go(5)
;;!   h(5)
;;!     assert_trap drop res(0) "cannot enter component instance"
;;! instance the host drops in a destructor
;;! assert_return make-r(7) -> res(0)
;;! assert_return make-r(8) -> res(1)
;;! assert_return keep(res(0)) -> 1
;;! assert_return drop(1)
;;!   h(7)
;;!     assert_trap drop res(1) "cannot enter component instance"
;;!   h(1)
;;! instance the host drops in its drop
;;! assert_return make-r(7) -> res(0)
;;! assert_return make-r(8) -> res(1)
;;! assert_return drop res(0)
;;!   h(7)
;;!     assert_trap drop res(1) "cannot enter component instance"
;;! instance the host calls in its drop: make-r
;;! assert_return make-r(7) -> res(0)
;;! assert_return drop res(0)
;;!   h(7)
;;!     assert_trap make-r(8) "cannot enter component instance"
;;! instance the host calls in its drop: go
;;! assert_return make-r(7) -> res(0)
;;! assert_return drop res(0)
;;!   h(7)
;;!     assert_trap go(1) "cannot enter component instance"
(component
  (import "h" (func $h (param "x" u32)))
  (core func $h' (canon lower (func $h)))
  (core module $D
    (import "" "h" (func $h (param i32)))
    (func (export "dtor") (param i32) (call $h (local.get 0)))
    (func (export "go") (param i32) (call $h (local.get 0)))
    (func (export "same") (param i32) (result i32) (local.get 0)))
  (core instance $d (instantiate $D (with "" (instance (export "h" (func $h'))))))
  (alias core export $d "dtor" (core func $dtor))
  (type $r' (resource (rep i32) (dtor (func $dtor))))
  (type $s' (resource (rep i32)))
  (core func $r.new (canon resource.new $r'))
  (core func $s.new (canon resource.new $s'))
  (core func $r.drop (canon resource.drop $r'))
  (core module $M
    (import "" "drop" (func $drop (param i32))) (import "" "h" (func $h (param i32)))
    (func (export "drop") (param i32) (call $drop (local.get 0)) (call $h (i32.const 1))))
  (core instance $m (instantiate $M (with "" (instance (export "drop" (func $r.drop)) (export "h" (func $h'))))))
  (export $r "r" (type $r'))
  (export $s "s" (type $s'))
  (func (export "make-r") (param "rep" u32) (result (own $r)) (canon lift (core func $r.new)))
  (func (export "make-s") (param "rep" u32) (result (own $s)) (canon lift (core func $s.new)))
  (func (export "keep") (param "r" (own $r)) (result u32) (canon lift (core func $d "same")))
  (func (export "drop") (param "h" u32) (canon lift (core func $m "drop")))
  (func (export "go") (param "x" u32) (canon lift (core func $d "go"))))
