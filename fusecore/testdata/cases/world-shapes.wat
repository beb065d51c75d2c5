;; Types only, unused imports, an interface that uses another's types, types of the world itself,
;; one function under two names, nested instances of exports.
;;! host test:a/types#make -> {x: 3, c: green}
;;! host look -> 8
;;! assert_return test:b/api#get() -> 3
;;!   test:a/types#make() -> {x: 3, c: green}
;;! assert_return test:b/api#shift({x: 1, c: red}, [blue, red]) -> {x: 3, c: blue}
;;! assert_return test:b/again#shift({x: 1, c: red}, []) -> {x: 1, c: red}
;;! assert_return look-twice({x: 7, c: blue}) -> 16
;;!   look({x: 7, c: blue}) -> 8
;;!   look({x: 7, c: blue}) -> 8
(component
  (import "test:a/types" (instance $types
    (type $color' (enum "red" "green" "blue"))
    (export "color" (type $color (eq $color')))
    (type $p' (record (field "x" u32) (field "c" $color)))
    (export "point" (type $p (eq $p')))
    (export "make" (func (result $p)))
    (export "unused" (func (param "s" string) (result (list $p))))))
  (alias export $types "point" (type $point))
  (alias export $types "color" (type $color))
  (import "test:a/more" (instance $more
    (alias outer 1 $point (type $point))
    (export "point" (type (eq $point)))
    (type $l (list $point))
    (export "points" (type (eq $l)))))
  (type $mine' (record (field "p" $point)))
  (import "mine" (type $mine (eq $mine')))
  (import "look" (func $look (param "p" $point) (result u32)))
  (import "never-called" (func (param "m" $mine)))
  (component $B
    (import "test:a/types" (instance $types
      (type $color' (enum "red" "green" "blue"))
      (export "color" (type $color (eq $color')))
      (type $p' (record (field "x" u32) (field "c" $color)))
      (export "point" (type $p (eq $p')))
      (export "make" (func (result $p)))))
    (alias export $types "point" (type $point))
    (alias export $types "color" (type $color))
    (alias export $types "make" (func $make))
    (import "look" (func $look (param "p" $point) (result u32)))
    (core module $Mem (memory (export "m") 1)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 128)))
    (core instance $mem (instantiate $Mem))
    (core func $make' (canon lower (func $make) (memory $mem "m")))
    (core func $look' (canon lower (func $look)))
    (core module $M
      (import "mem" "m" (memory 1))
      (import "" "make" (func $make (param i32)))
      (import "" "look" (func $look (param i32 i32) (result i32)))
      (func (export "get") (result i32) (call $make (i32.const 8)) (i32.load (i32.const 8)))
      (func (export "shift") (param i32 i32 i32 i32) (result i32)
        (i32.store (i32.const 16) (i32.add (local.get 0) (local.get 3)))
        (i32.store8 (i32.const 20) (local.get 1))
        (if (local.get 3) (then (i32.store8 (i32.const 20) (i32.load8_u (local.get 2)))))
        (i32.const 16))
      (func (export "twice") (param i32 i32) (result i32)
        (i32.add (call $look (local.get 0) (local.get 1)) (call $look (local.get 0) (local.get 1)))))
    (core instance $m (instantiate $M (with "mem" (instance $mem)) (with "" (instance (export "make" (func $make')) (export "look" (func $look'))))))
    (func $get (result u32) (canon lift (core func $m "get")))
    (type $colors (list $color))
    (func $shift (param "p" $point) (param "by" $colors) (result $point)
      (canon lift (core func $m "shift") (memory $mem "m") (realloc (func $mem "realloc"))))
    (instance $api (export "point" (type $point)) (export "get" (func $get)) (export "shift" (func $shift)))
    (export "test:b/api" (instance $api))
    (func (export "twice") (param "p" $point) (result u32) (canon lift (core func $m "twice"))))
  (instance $b (instantiate $B (with "test:a/types" (instance $types)) (with "look" (func $look))))
  (alias export $b "test:b/api" (instance $api))
  (export "test:b/api" (instance $api))
  (export "test:b/again" (instance $api))
  (export "look-twice" (func $b "twice"))
  (instance $in (export "api" (instance $api)))
  (instance $out (export "in" (instance $in)))
  (export "nest" (instance $out)))
