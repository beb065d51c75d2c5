;; Lists of Latin-1 strings there and back: q reads how often realloc was called (96) and with which alignments (from 100 on).
;;! assert_return c#g(["a", "é", ""]) -> ["a", "é", ""]
;;! assert_return p#q(96) -> 4
;;! assert_return p#q(100) -> 4
;;! assert_return p#q(101) -> 2
;;! assert_return p#q(102) -> 2
;;! assert_return p#q(103) -> 2
;;! instances
;;! assert_return c#g(["ᰰ", "b"]) -> ["ᰰ", "b"]
;;! assert_return p#q(96) -> 3
;;! assert_return p#q(100) -> 4
;;! assert_return p#q(101) -> 2
;;! assert_return p#q(102) -> 2
(component
 (component $P
  
  (type $t0 string) (export $t "t" (type $t0))
  (core module $m (memory (export "m") 4)
   (global $n (mut i32) (i32.const 1024))
   (func (export "realloc") (param $o i32) (param $os i32) (param $a i32) (param $s i32) (result i32) (local $r i32)
     (if (i32.eqz (local.get $a)) (then unreachable)) (i32.store8 (i32.add (i32.const 100) (i32.load (i32.const 96))) (local.get $a)) (i32.store (i32.const 96) (i32.add (i32.const 1) (i32.load (i32.const 96))))
     (local.set $r (i32.and (i32.add (global.get $n) (i32.sub (local.get $a) (i32.const 1))) (i32.sub (i32.const 0) (local.get $a))))
     (global.set $n (i32.add (local.get $r) (local.get $s)))
     (if (local.get $o) (then (memory.copy (local.get $r) (local.get $o) (select (local.get $os) (local.get $s) (i32.lt_u (local.get $os) (local.get $s))))))
     (local.get $r))
   (func (export "q") (param i32) (result i32) (i32.load8_u (local.get 0)))
 (func (export "f") (param i32 i32) (result i32)
     (i32.store (i32.const 8) (local.get 0)) (i32.store (i32.const 12) (local.get 1)) (i32.const 8)))
  (core instance $i (instantiate $m))
  (func $f (param "v" (list $t)) (result (list $t)) (canon lift (core func $i "f") (memory $i "m") (realloc (func $i "realloc")) string-encoding=latin1+utf16))
  (func $q (param "p" u32) (result u32) (canon lift (core func $i "q")))
  (export "f" (func $f)) (export "q" (func $q)))
 (instance $p (instantiate $P))
 (component $C
  (import "p" (instance $p
    
    (type $t0 string) (export "t" (type $t (eq $t0)))
    (export "f" (func (param "v" (list $t)) (result (list $t))))))
  (alias export $p "t" (type $t))
  (core module $libc (memory (export "m") 4) (global $n (mut i32) (i32.const 1024))
   (func (export "realloc") (param $o i32) (param $os i32) (param $a i32) (param $s i32) (result i32) (local $r i32)
     (if (i32.eqz (local.get $a)) (then unreachable)) (i32.store8 (i32.add (i32.const 100) (i32.load (i32.const 96))) (local.get $a)) (i32.store (i32.const 96) (i32.add (i32.const 1) (i32.load (i32.const 96))))
     (local.set $r (i32.and (i32.add (global.get $n) (i32.sub (local.get $a) (i32.const 1))) (i32.sub (i32.const 0) (local.get $a))))
     (global.set $n (i32.add (local.get $r) (local.get $s)))
     (if (local.get $o) (then (memory.copy (local.get $r) (local.get $o) (select (local.get $os) (local.get $s) (i32.lt_u (local.get $os) (local.get $s))))))
     (local.get $r)))
  (core instance $l (instantiate $libc))
  (alias core export $l "m" (core memory $m))
  (alias core export $l "realloc" (core func $r))
  (core func $f (canon lower (func $p "f") (memory $m) (realloc $r) string-encoding=latin1+utf16))
  (core module $main (import "" "f" (func $f (param i32 i32 i32))) (import "" "m" (memory 1))
    (func (export "g") (param i32 i32) (result i32) (call $f (local.get 0) (local.get 1) (i32.const 8)) (i32.const 8))
    (func (export "h") (param i32 i32 i32) (result i32)
      (call $f (local.get 0) (local.get 2) (i32.const 8))
      (i32.store (i32.const 12) (i32.mul (i32.load (i32.const 12)) (i32.const 8)))
      (i32.const 8))
    (func (export "k") (param i32 i32) (result i32)
      (call $f (local.get 0) (local.get 1) (i32.const 8))
      (i32.load (i32.const 12)))
  )
  (core instance $i (instantiate $main (with "" (instance (export "f" (func $f)) (export "m" (memory $m))))))
  (export $te "t" (type $t))
  (func $g (param "v" (list $te)) (result (list $te)) (canon lift (core func $i "g") (memory $m) (realloc $r) string-encoding=latin1+utf16))
  (func $h (param "v" (list u8)) (param "n" u32) (result (list u8)) (canon lift (core func $i "h") (memory $m) (realloc $r)))
  (func $k (param "p" u32) (param "n" u32) (result u32) (canon lift (core func $i "k")))
  (export "g" (func $g)) (export "h" (func $h)) (export "k" (func $k)))
 (instance $c (instantiate $C (with "p" (instance $p))))
 (export "c" (instance $c)) (export "p" (instance $p)))
