;; in its export `inner`: in its export `f`: it uses
(component
  (import "r" (type $r (sub resource)))
  (component $c
    (type $v (variant (case "x")))
    (export $v2 "v" (type $v))
    (import "f" (func $f))
    (type $ft (func))
    (export "f" (func $f)))
  (type $p (record (field "a" u8)))
  (instance $bag (export "p" (type $p)))
  (alias export $bag "p" (type $hidden))
  (type $i (instance (alias outer 1 $hidden (type $h)) (export "inner" (instance (alias outer 1 0 (type $h2)) (export "f" (func (param "x" $h2)))))))
  (import "i" (instance (type $i)))
)
