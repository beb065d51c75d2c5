;; An exported instance names a resource type by its second name. An instance in the next one names it by both: where that
;; one is written, the first is not a new type.
;;! instance
;;! assert_return make(7) -> res(0)
;;! assert_return get(res(0)) -> 7
(component
  (component $Child
    (core module $M (func (export "same") (param i32) (result i32) (local.get 0)))
    (core instance $m (instantiate $M))
    (type $c' (resource (rep i32)))
    (canon resource.new $c' (core func $new))
    (export $c "c" (type $c'))
    (export $d "d" (type $c))
    (func (export "make") (param "rep" u32) (result (own $c)) (canon lift (core func $new)))
    (func (export "get") (param "d" (borrow $d)) (result u32) (canon lift (core func $m "same"))))
  (instance $child (instantiate $Child))
  (alias export $child "d" (type $d))
  (instance $first (export "t" (type $d)))
  (export "first" (instance $first))
  (instance $second (export "child" (instance $child)))
  (export "second" (instance $second))
  (export "make" (func $child "make"))
  (export "get" (func $child "get")))
