;; An instance inside an exported instance uses a type that the outer one exports.
;;! fused has "i2" (instance
(component
  (component $A
    (core module $m (func (export "f") (result i32) i32.const 7))
    (core instance $i (instantiate $m))
    (type $Rec (record (field "x" u32)))
    (export $Rec' "t" (type $Rec))
    (func $f (result $Rec') (canon lift (core func $i "f")))
    (instance $bag (export "f" (func $f)))
    (export "i" (instance $bag)))
  (instance $a (instantiate $A))
  (export "i2" (instance $a)))
