;; Functions of the root use types that an exported instance names: they are written with those names, also where the same
;; function has been written before the instance was exported.
;;! instance
;;! assert_return child#make(7) -> res(0)
;;! assert_return make(8) -> res(1)
;;! assert_return get(res(0)) -> 7
;;! assert_return pair(9) -> {r: res(2)}
;;! assert_return get(res(2)) -> 9
;;! assert_return later(6) -> res(3)
;;! assert_return child#get(res(3)) -> 6
(component
  (component $Child
    (core module $M (func (export "same") (param i32) (result i32) (local.get 0)))
    (core instance $m (instantiate $M))
    (type $c' (resource (rep i32)))
    (canon resource.new $c' (core func $new))
    (export $c "c" (type $c'))
    (type $pair' (record (field "r" (own $c))))
    (export $pair "p" (type $pair'))
    (func (export "make") (param "rep" u32) (result (own $c)) (canon lift (core func $new)))
    (func (export "pair") (param "rep" u32) (result $pair) (canon lift (core func $new)))
    (func (export "get") (param "c" (borrow $c)) (result u32) (canon lift (core func $m "same"))))
  (instance $child (instantiate $Child))
  (alias export $child "make" (func $make))
  (alias export $child "pair" (func $pair))
  (alias export $child "get" (func $get))
  (export "child" (instance $child))
  (export "make" (func $make))
  (export "get" (func $get))
  (export "pair" (func $pair))
  (instance $bag (export "make" (func $make)))
  (export "bag" (instance $bag))
  (export "later" (func $make)))
