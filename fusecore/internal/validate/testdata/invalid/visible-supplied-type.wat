;; instance not valid to be used as export: in its export `item`: it uses (enum "a"), which is not itself imported or exported by name
(component
  (type $types (instance
    (type $k (enum "a"))
    (export "kind" (type $kind (eq $k)))
    (type $r (record (field "k" $kind)))
    (export "item" (type (eq $r)))))
  (import "types" (instance $t (type $types)))
  (component $prov
    (type $k (enum "a"))
    (export $kind "kind" (type $k))
    (type $r (record (field "k" $kind)))
    (export "item" (type $r)))
  (instance $prov (instantiate $prov))
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
  (instance $user (instantiate $user (with "types" (instance $t)) (with "item" (type $prov "item"))))
  (export "out" (instance $user "out"))
)
