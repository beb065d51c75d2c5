;; Calls between an instance and one that holds it, either way, and within one instance, are no re-entrance
;; (CanonicalABI.md, "Component Instances"); nor are those between siblings.
;;! assert_return down() -> 3
;;! assert_return up() -> 3
;;! assert_return own() -> 3
;;! assert_return grandchild() -> 3
;;! assert_return sibling() -> 3
(component
  (core module $One (func (export "f") (result i32) (i32.const 3)))
  (core instance $one (instantiate $One))
  (func $f (result u32) (canon lift (core func $one "f")))
  (core module $Call
    (import "" "f" (func $f (result i32)))
    (func (export "f") (result i32) (call $f)))
  ;; the root calls its own function
  (core func $own' (canon lower (func $f)))
  (core instance $own (instantiate $Call (with "" (instance (export "f" (func $own'))))))
  (func (export "own") (result u32) (canon lift (core func $own "f")))
  ;; a child calls the root's
  (component $Up
    (import "f" (func $f (result u32)))
    (core func $f' (canon lower (func $f)))
    (core module $Call
      (import "" "f" (func $f (result i32)))
      (func (export "f") (result i32) (call $f)))
    (core instance $m (instantiate $Call (with "" (instance (export "f" (func $f'))))))
    (func (export "f") (result u32) (canon lift (core func $m "f"))))
  (instance $up (instantiate $Up (with "f" (func $f))))
  (export "up" (func $up "f"))
  (component $Outer
    (import "f" (func $f (result u32)))
    (component $Up
      (import "f" (func $f (result u32)))
      (core func $f' (canon lower (func $f)))
      (core module $Call
        (import "" "f" (func $f (result i32)))
        (func (export "f") (result i32) (call $f)))
      (core instance $m (instantiate $Call (with "" (instance (export "f" (func $f'))))))
      (func (export "f") (result u32) (canon lift (core func $m "f"))))
    (instance $up (instantiate $Up (with "f" (func $f))))
    (export "f" (func $up "f")))
  (instance $outer (instantiate $Outer (with "f" (func $f))))
  (export "grandchild" (func $outer "f"))
  (component $Leaf
    (core module $One (func (export "f") (result i32) (i32.const 3)))
    (core instance $one (instantiate $One))
    (func (export "f") (result u32) (canon lift (core func $one "f"))))
  (instance $leaf (instantiate $Leaf))
  (instance $sib (instantiate $Outer (with "f" (func $leaf "f"))))
  (export "sibling" (func $sib "f"))
  ;; the root calls a child's
  (core func $down' (canon lower (func $leaf "f")))
  (core instance $down (instantiate $Call (with "" (instance (export "f" (func $down'))))))
  (func (export "down") (result u32) (canon lift (core func $down "f"))))
