;; Supplies a type, and functions on it.
(component
  (type $r (resource (rep i32)))
  (core func $new (canon resource.new $r))
  (func $make (param "rep" u32) (result (own $r)) (canon lift (core func $new)))
  (instance $types (export "r" (type $r)))
  (export $types' "t:m/types" (instance $types))
  (alias export $types' "r" (type $r'))
  (instance $funcs (export "r" (type $r')) (export "make" (func $make)))
  (export "t:m/funcs" (instance $funcs)))
