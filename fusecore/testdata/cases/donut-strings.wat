;; A parent with utf8 strings and children with utf16 and latin1+utf16 call each other as the decimal digits of x say, with a
;; record of strings that each passes on as it got it. The parent counts 1 for itself, the children 10 and 100.
;;! assert_return p(0, {n: 5, s: "aé€😀", l: ["", "z", "ß€"]}) -> {n: 6, s: "aé€😀", l: ["", "z", "ß€"]}
;;! assert_return p(1, {n: 5, s: "aé€😀", l: ["", "z", "ß€"]}) -> {n: 17, s: "aé€😀", l: ["", "z", "ß€"]}
;;! assert_return p(2, {n: 5, s: "aé€😀", l: ["", "z", "ß€"]}) -> {n: 107, s: "aé€😀", l: ["", "z", "ß€"]}
;;! assert_return p(2, {n: 5, s: "aéß", l: ["ÿ"]}) -> {n: 107, s: "aéß", l: ["ÿ"]}
;;! assert_return p(12, {n: 0, s: "aéß", l: ["ÿ", "€"]}) -> {n: 113, s: "aéß", l: ["ÿ", "€"]}
;;! assert_return p(21, {n: 0, s: "", l: []}) -> {n: 113, s: "", l: []}
;;! assert_return first(2, {n: 0, s: "é", l: ["😀"]}) -> {n: 112, s: "é", l: ["😀"]}
;;! assert_return second(1, {n: 0, s: "é", l: ["😀"]}) -> {n: 112, s: "é", l: ["😀"]}
;;! assert_trap p(11, {n: 0, s: "é", l: ["😀"]}) "cannot enter component instance"
;;! assert_trap first(1, {n: 0, s: "é", l: ["😀"]}) "cannot enter component instance"
;;! assert_return p(12, {n: 0, s: "€", l: ["a"]}) -> {n: 113, s: "€", l: ["a"]}
(component
  (type $rec (record (field "n" u32) (field "s" string) (field "l" (list string))))
  (import "rec" (type $r (eq $rec)))
  (core module $Mem
    (memory (export "memory") 1)
    (global $top (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local i32)
      (local.set 4 (i32.and (i32.add (global.get $top) (i32.const 15)) (i32.const -16)))
      (global.set $top (i32.add (local.get 4) (local.get 3)))
      (if (local.get 0) (then (memory.copy (local.get 4) (local.get 0) (local.get 1))))
      (local.get 4)))
  (core instance $l (instantiate $Mem))
  (alias core export $l "memory" (core memory $memory))
  (alias core export $l "realloc" (core func $realloc))
  (core module $P
    (type $f (func (param i32 i32 i32 i32 i32 i32 i32)))
    (import "" "memory" (memory 1))
    (import "" "realloc" (func $realloc (param i32 i32 i32 i32) (result i32)))
    (table (export "t") 3 funcref)
    (func (export "p") (param $x i32) (param $n i32) (param $s i32) (param $sl i32) (param $l i32) (param $ll i32) (result i32) (local $ret i32)
      (local.set $ret (call $realloc (i32.const 0) (i32.const 0) (i32.const 4) (i32.const 20)))
      (if (local.get $x)
        (then
          (call_indirect (type $f) (i32.div_u (local.get $x) (i32.const 10)) (local.get $n) (local.get $s) (local.get $sl) (local.get $l) (local.get $ll) (local.get $ret)
            (i32.rem_u (local.get $x) (i32.const 10))))
        (else
          (i32.store (local.get $ret) (local.get $n))
          (i32.store offset=4 (local.get $ret) (local.get $s))
          (i32.store offset=8 (local.get $ret) (local.get $sl))
          (i32.store offset=12 (local.get $ret) (local.get $l))
          (i32.store offset=16 (local.get $ret) (local.get $ll))))
      (i32.store (local.get $ret) (i32.add (i32.const 1) (i32.load (local.get $ret))))
      (local.get $ret)))
  (core instance $m (instantiate $P (with "" (instance $l))))
  (func $p (export "p") (param "x" u32) (param "r" $r) (result $r)
    (canon lift (core func $m "p") (memory $memory) (realloc $realloc) string-encoding=utf8))
  (core module $Child
    (import "" "memory" (memory 1))
    (import "" "realloc" (func $realloc (param i32 i32 i32 i32) (result i32)))
    (import "" "p" (func $p (param i32 i32 i32 i32 i32 i32 i32)))
    (import "" "count" (global $count i32))
    (func (export "f") (param $x i32) (param $n i32) (param $s i32) (param $sl i32) (param $l i32) (param $ll i32) (result i32) (local $ret i32)
      (local.set $ret (call $realloc (i32.const 0) (i32.const 0) (i32.const 4) (i32.const 20)))
      (call $p (local.get $x) (local.get $n) (local.get $s) (local.get $sl) (local.get $l) (local.get $ll) (local.get $ret))
      (i32.store (local.get $ret) (i32.add (global.get $count) (i32.load (local.get $ret))))
      (local.get $ret)))
  (component $First
    (import "rec" (type $r (eq $rec)))
    (import "p" (func $p (param "x" u32) (param "r" $r) (result $r)))
    (core instance $l (instantiate $Mem))
    (alias core export $l "memory" (core memory $memory))
    (alias core export $l "realloc" (core func $realloc))
    (core module $Count (global (export "count") i32 (i32.const 10)))
    (core instance $c (instantiate $Count))
    (core func $p' (canon lower (func $p) (memory $memory) (realloc $realloc) string-encoding=utf16))
    (core instance $m (instantiate $Child (with "" (instance
      (export "memory" (memory $memory)) (export "realloc" (func $realloc)) (export "p" (func $p')) (export "count" (global $c "count"))))))
    (func (export "f") (param "x" u32) (param "r" $r) (result $r)
      (canon lift (core func $m "f") (memory $memory) (realloc $realloc) string-encoding=utf16)))
  (component $Second
    (import "rec" (type $r (eq $rec)))
    (import "p" (func $p (param "x" u32) (param "r" $r) (result $r)))
    (core instance $l (instantiate $Mem))
    (alias core export $l "memory" (core memory $memory))
    (alias core export $l "realloc" (core func $realloc))
    (core module $Count (global (export "count") i32 (i32.const 100)))
    (core instance $c (instantiate $Count))
    (core func $p' (canon lower (func $p) (memory $memory) (realloc $realloc) string-encoding=latin1+utf16))
    (core instance $m (instantiate $Child (with "" (instance
      (export "memory" (memory $memory)) (export "realloc" (func $realloc)) (export "p" (func $p')) (export "count" (global $c "count"))))))
    (func (export "f") (param "x" u32) (param "r" $r) (result $r)
      (canon lift (core func $m "f") (memory $memory) (realloc $realloc) string-encoding=latin1+utf16)))
  (instance $first (instantiate $First (with "rec" (type $r)) (with "p" (func $p))))
  (instance $second (instantiate $Second (with "rec" (type $r)) (with "p" (func $p))))
  (core func $first' (canon lower (func $first "f") (memory $memory) (realloc $realloc) string-encoding=utf8))
  (core func $second' (canon lower (func $second "f") (memory $memory) (realloc $realloc) string-encoding=utf8))
  (core module $F
    (type $f (func (param i32 i32 i32 i32 i32 i32 i32)))
    (import "" "t" (table 3 funcref))
    (import "" "first" (func $first (type $f)))
    (import "" "second" (func $second (type $f)))
    (elem (i32.const 1) func $first $second))
  (core instance (instantiate $F (with "" (instance (export "t" (table $m "t")) (export "first" (func $first')) (export "second" (func $second'))))))
  (export "first" (func $first "f"))
  (export "second" (func $second "f")))
