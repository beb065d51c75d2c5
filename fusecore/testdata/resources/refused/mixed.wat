;; Two instances of one component define two types: a function on the one is not a function on the other.
(component
  (component $C
    (type $r' (resource (rep i32)))
    (core func $new (canon resource.new $r'))
    (export $r "r" (type $r'))
    (func (export "make") (param "rep" u32) (result (own $r)) (canon lift (core func $new))))
  (component $U
    (import "r" (type $r (sub resource)))
    (import "make" (func $make (param "rep" u32) (result (own $r))))
    (core func $make' (canon lower (func $make)))
    (func (export "make") (param "rep" u32) (result u32) (canon lift (core func $make'))))
  (instance $one (instantiate $C))
  (instance $two (instantiate $C))
  (instance $u (instantiate $U (with "r" (type $one "r")) (with "make" (func $two "make"))))
  (export "u" (instance $u)))
