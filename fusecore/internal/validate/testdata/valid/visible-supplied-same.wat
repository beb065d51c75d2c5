;; a supplied type is the one that was declared
(component
  (type $types (instance
    (type $k (enum "a"))
    (export "kind" (type $kind (eq $k)))
    (type $r (record (field "k" $kind)))
    (export "item" (type (eq $r)))))
  (import "types" (instance $t (type $types)))
  (component $user
    (type $types (instance
    (type $k (enum "a"))
    (export "kind" (type $kind (eq $k)))
    (type $r (record (field "k" $kind)))
    (export "item" (type (eq $r)))))
  (import "types" (instance $t (type $types)))
    (alias export $t "item" (type $item))
    (import "item" (type $i (eq $item)))
    (component $shim
      (type $k (enum "a"))
      (import "kind" (type $kind (eq $k)))
      (type $r (record (field "k" $kind)))
      (import "r" (type $item (eq $r)))
      (export "item" (type $item)))
    (instance $out (instantiate $shim (with "kind" (type $t "kind")) (with "r" (type $i))))
    (export "out" (instance $out)))
  (instance $user (instantiate $user (with "types" (instance $t)) (with "item" (type $t "item"))))
  (export "out" (instance $user "out"))
)
