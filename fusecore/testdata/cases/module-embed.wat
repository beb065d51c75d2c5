;; Resources both ways, for embedders of the bare module: counters of guests, which the host makes, uses and drops, and sinks of
;; the host, which guests use and drop. The second component holds counters, too.
;;! resource t:m/sinks#sink
;;! host t:m/sinks#open($name) -> host(40)
;;! host t:m/sinks#write(host($n), $text) -> $n
;;! instance counters
;;! assert_return t:m/counters#make(5) -> res(0)
;;! assert_return t:m/counters#add(res(0), 2) -> 7
;;! assert_return t:m/counters#label(res(0)) -> "counter"
;;! assert_return t:m/app#pair(30) -> (res(1), "counter")
;;! assert_return t:m/app#next(res(1)) -> 31
;;! assert_return t:m/counters#dropped() -> 0
;;! assert_return drop res(0)
;;! assert_return t:m/counters#dropped() -> 7
;;! instance sinks
;;! assert_return t:m/counters#open("x") -> host(40)
;;!   t:m/sinks#open("x") -> host(40)
;;! assert_return t:m/counters#make(2) -> res(0)
;;! assert_return t:m/counters#report(res(0), host(40)) -> 42
;;!   t:m/sinks#write(host(40), "counter") -> 40
;;! assert_return t:m/counters#absorb(res(0), host(40)) -> 2
;;!   t:m/sinks#[drop]sink(host(40))
;;! assert_return t:m/counters#dropped() -> 2
(component
  (import "t:m/sinks" (instance $sinks
    (export "sink" (type $sink (sub resource)))
    (export "open" (func (param "name" string) (result (own $sink))))
    (export "write" (func (param "s" (borrow $sink)) (param "text" string) (result u32)))))

  (component $Counters
    (import "sinks" (instance $sinks
      (export "sink" (type $sink (sub resource)))
      (export "open" (func (param "name" string) (result (own $sink))))
      (export "write" (func (param "s" (borrow $sink)) (param "text" string) (result u32)))))
    (alias export $sinks "sink" (type $sink))
    ;; The destructor keeps the last counter, which is what dropped returns.
    (core module $Memory
      (memory (export "memory") 1)
      (data (i32.const 0) "counter")
      (global $top (mut i32) (i32.const 1024))
      (global $dropped (mut i32) (i32.const 0))
      (func $realloc (export "realloc") (param i32 i32 i32 i32) (result i32)
        (local $at i32)
        (local.set $at (i32.and (i32.add (global.get $top) (i32.const 7)) (i32.const -8)))
        (global.set $top (i32.add (local.get $at) (local.get 3)))
        (local.get $at))
      (func (export "dtor") (param i32) (global.set $dropped (i32.load (local.get 0))))
      (func (export "dropped") (result i32) (global.get $dropped)))
    (core instance $memory (instantiate $Memory))
    (type $counter' (resource (rep i32) (dtor (func $memory "dtor"))))
    (core func $new (canon resource.new $counter'))
    (core func $rep (canon resource.rep $counter'))
    (core func $drop (canon resource.drop $counter'))
    (core func $drop-sink (canon resource.drop $sink))
    (core func $open (canon lower (func $sinks "open") (memory $memory "memory") (realloc (func $memory "realloc"))))
    (core func $write (canon lower (func $sinks "write") (memory $memory "memory")))
    (core module $Main
      (import "memory" "memory" (memory 1))
      (import "memory" "realloc" (func $realloc (param i32 i32 i32 i32) (result i32)))
      (import "" "new" (func $new (param i32) (result i32)))
      (import "" "rep" (func $rep (param i32) (result i32)))
      (import "" "drop" (func $drop (param i32)))
      (import "" "drop-sink" (func $drop-sink (param i32)))
      (import "" "open" (func $open (param i32 i32) (result i32)))
      (import "" "write" (func $write (param i32 i32 i32) (result i32)))
      (func (export "make") (param i32) (result i32)
        (local $rep i32)
        (local.set $rep (call $realloc (i32.const 0) (i32.const 0) (i32.const 4) (i32.const 4)))
        (i32.store (local.get $rep) (local.get 0))
        (call $new (local.get $rep)))
      (func (export "add") (param $rep i32) (param $n i32) (result i32)
        (i32.store (local.get $rep) (i32.add (i32.load (local.get $rep)) (local.get $n)))
        (i32.load (local.get $rep)))
      (func (export "label") (param i32) (result i32)
        (i32.store (i32.const 512) (i32.const 0))
        (i32.store (i32.const 516) (i32.const 7))
        (i32.const 512))
      (func (export "report") (param $rep i32) (param $sink i32) (result i32)
        (i32.add (call $write (local.get $sink) (i32.const 0) (i32.const 7)) (i32.load (local.get $rep)))
        (call $drop-sink (local.get $sink)))
      (func (export "absorb") (param $counter i32) (param $sink i32) (result i32)
        (i32.load (call $rep (local.get $counter)))
        (call $drop (local.get $counter))
        (call $drop-sink (local.get $sink)))
      (func (export "open") (param i32 i32) (result i32) (call $open (local.get 0) (local.get 1))))
    (core instance $main (instantiate $Main (with "memory" (instance $memory)) (with "" (instance
      (export "new" (func $new)) (export "rep" (func $rep)) (export "drop" (func $drop)) (export "drop-sink" (func $drop-sink))
      (export "open" (func $open)) (export "write" (func $write))))))
    (export $counter "counter" (type $counter'))
    (func (export "make") (param "start" u32) (result (own $counter)) (canon lift (core func $main "make")))
    (func (export "add") (param "c" (borrow $counter)) (param "n" u32) (result u32) (canon lift (core func $main "add")))
    (func (export "label") (param "c" (borrow $counter)) (result string) (canon lift (core func $main "label") (memory $memory "memory")))
    (func (export "report") (param "c" (borrow $counter)) (param "s" (borrow $sink)) (result u32) (canon lift (core func $main "report")))
    (func (export "absorb") (param "c" (own $counter)) (param "s" (own $sink)) (result u32) (canon lift (core func $main "absorb")))
    (func (export "open") (param "name" string) (result (own $sink))
      (canon lift (core func $main "open") (memory $memory "memory") (realloc (func $memory "realloc"))))
    (func (export "dropped") (result u32) (canon lift (core func $memory "dropped"))))

  (component $App
    (import "counters" (instance $counters
      (export "counter" (type $counter (sub resource)))
      (export "make" (func (param "start" u32) (result (own $counter))))
      (export "add" (func (param "c" (borrow $counter)) (param "n" u32) (result u32)))
      (export "label" (func (param "c" (borrow $counter)) (result string)))))
    (alias export $counters "counter" (type $counter))
    (core module $Memory
      (memory (export "memory") 1)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024)))
    (core instance $memory (instantiate $Memory))
    (core func $make (canon lower (func $counters "make")))
    (core func $add (canon lower (func $counters "add")))
    (core func $label (canon lower (func $counters "label") (memory $memory "memory") (realloc (func $memory "realloc"))))
    (core func $drop (canon resource.drop $counter))
    (core module $Main
      (import "" "memory" (memory 1))
      (import "" "make" (func $make (param i32) (result i32)))
      (import "" "add" (func $add (param i32 i32) (result i32)))
      (import "" "label" (func $label (param i32 i32)))
      (import "" "drop" (func $drop (param i32)))
      (func (export "pair") (param i32) (result i32)
        (i32.store (i32.const 16) (call $make (local.get 0)))
        (call $label (i32.load (i32.const 16)) (i32.const 20))
        (i32.const 16))
      (func (export "next") (param i32) (result i32)
        (call $add (local.get 0) (i32.const 1))
        (call $drop (local.get 0))))
    (core instance $main (instantiate $Main (with "" (instance (export "memory" (memory $memory "memory"))
      (export "make" (func $make)) (export "add" (func $add)) (export "label" (func $label)) (export "drop" (func $drop))))))
    (func (export "pair") (param "start" u32) (result (tuple (own $counter) string))
      (canon lift (core func $main "pair") (memory $memory "memory")))
    (func (export "next") (param "c" (borrow $counter)) (result u32) (canon lift (core func $main "next"))))

  (instance $counters (instantiate $Counters (with "sinks" (instance $sinks))))
  (instance $app (instantiate $App (with "counters" (instance $counters))))
  (export "t:m/counters" (instance $counters))
  (export "t:m/app" (instance $app)))
