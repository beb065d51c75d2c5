;; The call that ARCHITECTURE.md follows through the pipeline: the consumer passes a list of bytes, the provider adds them up.
;;! assert_return run() -> 6
(component
  (component $Provider
    (core module $Main
      (memory (export "memory") 1)
      (global $top (mut i32) (i32.const 64))
      (func (export "realloc") (param $old i32) (param $old_size i32) (param $align i32) (param $size i32) (result i32)
        (global.get $top)
        (global.set $top (i32.add (global.get $top) (local.get $size))))
      (func (export "sum") (param $ptr i32) (param $len i32) (result i32)
        (local $sum i32)
        (block $done
          (loop $next
            (br_if $done (i32.eqz (local.get $len)))
            (local.set $sum (i32.add (local.get $sum) (i32.load8_u (local.get $ptr))))
            (local.set $ptr (i32.add (local.get $ptr) (i32.const 1)))
            (local.set $len (i32.sub (local.get $len) (i32.const 1)))
            (br $next)))
        (local.get $sum)))
    (core instance $main (instantiate $Main))
    (func $sum (param "data" (list u8)) (result u32)
      (canon lift (core func $main "sum") (memory $main "memory") (realloc (func $main "realloc"))))
    (instance $adder (export "sum" (func $sum)))
    (export "demo:sum/adder@1.0.0" (instance $adder)))
  (component $Consumer
    (import "demo:sum/adder@1.0.0" (instance $adder (export "sum" (func (param "data" (list u8)) (result u32)))))
    (core module $Memory (memory (export "memory") 1))
    (core instance $memory (instantiate $Memory))
    (core func $sum (canon lower (func $adder "sum") (memory $memory "memory")))
    (core module $Main
      (import "memory" "memory" (memory 1))
      (import "demo:sum/adder@1.0.0" "sum" (func $sum (param i32 i32) (result i32)))
      (data (i32.const 16) "\01\02\03")
      (func (export "run") (result i32) (call $sum (i32.const 16) (i32.const 3))))
    (core instance $main (instantiate $Main
      (with "memory" (instance $memory))
      (with "demo:sum/adder@1.0.0" (instance (export "sum" (func $sum))))))
    (func (export "run") (result u32) (canon lift (core func $main "run"))))
  (instance $provider (instantiate $Provider))
  (instance $consumer (instantiate $Consumer (with "demo:sum/adder@1.0.0" (instance $provider "demo:sum/adder@1.0.0"))))
  (export "run" (func $consumer "run")))
