;; a bundle may list a function before the resource it uses
(component
  (import "r" (type $r (sub resource)))
  (import "f" (func $f (param "x" (own $r))))
  (instance $bag (export "f" (func $f)) (export "r" (type $r)))
  (component $c
    (import "i" (instance $i
      (export "r" (type $r (sub resource)))
      (export "f" (func (param "x" (own $r)))))))
  (instance (instantiate $c (with "i" (instance $bag))))
)
