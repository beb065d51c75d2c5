;; a component argument is matched with its own fresh resources on both sides
(component
  (component $maker
    (type $r (resource (rep i32)))
    (export $r2 "r" (type $r))
    (core func $drop (canon resource.drop $r))
    (func $f (param "x" (own $r2)) (canon lift (core func $drop)))
    (export "f" (func $f)))
  (component $user
    (import "maker" (component $maker
      (export "r" (type $r (sub resource)))
      (export "f" (func (param "x" (own $r))))))
    (instance $one (instantiate $maker))
    (instance $two (instantiate $maker))
    (component $eq (import "r" (type $r (sub resource))) (import "f" (func (param "x" (own $r)))))
    (instance (instantiate $eq (with "r" (type $one "r")) (with "f" (func $one "f"))))
    (instance (instantiate $eq (with "r" (type $two "r")) (with "f" (func $two "f")))))
  (instance (instantiate $user (with "maker" (component $maker))))
)
