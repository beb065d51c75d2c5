;; Wants a type from one import and functions on it from another.
(component
  (import "t:m/types" (instance $types (export "r" (type $r (sub resource)))))
  (alias export $types "r" (type $r))
  (import "t:m/funcs" (instance $funcs
    (alias outer 1 $r (type $r'))
    (export "r" (type $r (eq $r')))
    (export "make" (func (param "rep" u32) (result (own $r))))))
  (core func $make (canon lower (func $funcs "make")))
  (func (export "make") (param "rep" u32) (result u32) (canon lift (core func $make))))
