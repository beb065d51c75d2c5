;; Every rule about handles that a call or a built-in can break. P defines r and s, V borrows r, and U holds handles to both.
;;! assert_trap take(1) "unknown handle index"
;;! assert_trap take(0) "unknown handle index"
;;! assert_trap take(100000) "unknown handle index"
;;! assert_trap take(4294967295) "unknown handle index"
;;! assert_trap taken-twice() "unknown handle index"
;;! assert_trap take-s() "handle of another type"
;;! assert_trap drop(1) "unknown handle index"
;;! assert_trap drop(70000) "unknown handle index"
;;! assert_trap drop-s() "handle of another type"
;;! assert_trap look(1) "unknown handle index"
;;! assert_trap look-s() "handle of another type"
;;! assert_trap look(4026531840) "unknown handle index"
;;! assert_trap rep-of(1) "unknown handle index"
;;! assert_trap both() "handle is lent"
;;! assert_trap hold() "borrow handles left at return"
;;! assert_trap give() "handle is not owned"
;;! assert_return fine() -> 7
(component
  (component $P
    (type $R' (resource (rep i32)))
    (type $S' (resource (rep i32)))
    (export $R "r" (type $R'))
    (export $S "s" (type $S'))
    (core func $new (canon resource.new $R'))
    (core func $new-s (canon resource.new $S'))
    (core func $rep (canon resource.rep $R'))
    (core module $M
      (import "" "new" (func $new (param i32) (result i32)))
      (import "" "new-s" (func $new-s (param i32) (result i32)))
      (import "" "rep" (func $rep (param i32) (result i32)))
      (func (export "make") (result i32) (call $new (i32.const 7)))
      (func (export "make-s") (result i32) (call $new-s (i32.const 8)))
      (func (export "take") (param i32))
      (func (export "look") (param i32) (result i32) (local.get 0))
      (func (export "both") (param i32 i32))
      (func (export "rep-of") (param i32) (result i32) (call $rep (local.get 0))))
    (core instance $m (instantiate $M (with "" (instance
      (export "new" (func $new)) (export "new-s" (func $new-s)) (export "rep" (func $rep))))))
    (func (export "make") (result (own $R)) (canon lift (core func $m "make")))
    (func (export "make-s") (result (own $S)) (canon lift (core func $m "make-s")))
    (func (export "take") (param "h" (own $R)) (canon lift (core func $m "take")))
    (func (export "look") (param "h" (borrow $R)) (result u32) (canon lift (core func $m "look")))
    (func (export "both") (param "h" (borrow $R)) (param "o" (own $R)) (canon lift (core func $m "both")))
    (func (export "rep-of") (param "h" u32) (result u32) (canon lift (core func $m "rep-of"))))
  (component $V
    (import "r" (type $R (sub resource)))
    (import "take" (func $take (param "h" (own $R))))
    (core func $take' (canon lower (func $take)))
    (core module $M
      (import "" "take" (func $take (param i32)))
      (func (export "hold") (param i32))
      (func (export "give") (param i32) (call $take (local.get 0))))
    (core instance $m (instantiate $M (with "" (instance (export "take" (func $take'))))))
    (func (export "hold") (param "h" (borrow $R)) (canon lift (core func $m "hold")))
    (func (export "give") (param "h" (borrow $R)) (canon lift (core func $m "give"))))
  (component $U
    (import "r" (type $R (sub resource)))
    (import "s" (type $S (sub resource)))
    (import "make" (func $make (result (own $R))))
    (import "make-s" (func $make-s (result (own $S))))
    (import "take" (func $take (param "h" (own $R))))
    (import "look" (func $look (param "h" (borrow $R)) (result u32)))
    (import "both" (func $both (param "h" (borrow $R)) (param "o" (own $R))))
    (import "hold" (func $hold (param "h" (borrow $R))))
    (import "give" (func $give (param "h" (borrow $R))))
    (core func $make' (canon lower (func $make)))
    (core func $make-s' (canon lower (func $make-s)))
    (core func $take' (canon lower (func $take)))
    (core func $look' (canon lower (func $look)))
    (core func $both' (canon lower (func $both)))
    (core func $hold' (canon lower (func $hold)))
    (core func $give' (canon lower (func $give)))
    (core func $drop' (canon resource.drop $R))
    (core module $M
      (import "" "make" (func $make (result i32)))
      (import "" "make-s" (func $make-s (result i32)))
      (import "" "take" (func $take (param i32)))
      (import "" "look" (func $look (param i32) (result i32)))
      (import "" "both" (func $both (param i32 i32)))
      (import "" "hold" (func $hold (param i32)))
      (import "" "give" (func $give (param i32)))
      (import "" "drop" (func $drop (param i32)))
      (func (export "take") (param i32) (call $take (local.get 0)))
      (func (export "taken-twice") (local i32)
        (local.set 0 (call $make)) (call $take (local.get 0)) (call $take (local.get 0)))
      (func (export "take-s") (call $take (call $make-s)))
      (func (export "drop") (param i32) (call $drop (local.get 0)))
      (func (export "drop-s") (call $drop (call $make-s)))
      (func (export "look") (param i32) (result i32) (call $look (local.get 0)))
      (func (export "look-s") (result i32) (call $look (call $make-s)))
      (func (export "both") (local i32) (local.set 0 (call $make)) (call $both (local.get 0) (local.get 0)))
      (func (export "hold") (call $hold (call $make)))
      (func (export "give") (call $give (call $make)))
      (func (export "fine") (result i32) (local i32)
        (local.set 0 (call $make))
        (call $look (local.get 0))
        (call $drop (local.get 0))))
    (core instance $m (instantiate $M (with "" (instance
      (export "make" (func $make')) (export "make-s" (func $make-s')) (export "take" (func $take')) (export "look" (func $look'))
      (export "both" (func $both')) (export "hold" (func $hold')) (export "give" (func $give')) (export "drop" (func $drop'))))))
    (func (export "take") (param "h" u32) (canon lift (core func $m "take")))
    (func (export "taken-twice") (canon lift (core func $m "taken-twice")))
    (func (export "take-s") (canon lift (core func $m "take-s")))
    (func (export "drop") (param "h" u32) (canon lift (core func $m "drop")))
    (func (export "drop-s") (canon lift (core func $m "drop-s")))
    (func (export "look") (param "h" u32) (result u32) (canon lift (core func $m "look")))
    (func (export "look-s") (result u32) (canon lift (core func $m "look-s")))
    (func (export "both") (canon lift (core func $m "both")))
    (func (export "hold") (canon lift (core func $m "hold")))
    (func (export "give") (canon lift (core func $m "give")))
    (func (export "fine") (result u32) (canon lift (core func $m "fine"))))
  (instance $p (instantiate $P))
  (instance $v (instantiate $V (with "r" (type $p "r")) (with "take" (func $p "take"))))
  (instance $u (instantiate $U
    (with "r" (type $p "r")) (with "s" (type $p "s")) (with "make" (func $p "make")) (with "make-s" (func $p "make-s"))
    (with "take" (func $p "take")) (with "look" (func $p "look")) (with "both" (func $p "both"))
    (with "hold" (func $v "hold")) (with "give" (func $v "give"))))
  (export "rep-of" (func $p "rep-of"))
  (export "take" (func $u "take"))
  (export "taken-twice" (func $u "taken-twice"))
  (export "take-s" (func $u "take-s"))
  (export "drop" (func $u "drop"))
  (export "drop-s" (func $u "drop-s"))
  (export "look" (func $u "look"))
  (export "look-s" (func $u "look-s"))
  (export "both" (func $u "both"))
  (export "hold" (func $u "hold"))
  (export "give" (func $u "give"))
  (export "fine" (func $u "fine")))
