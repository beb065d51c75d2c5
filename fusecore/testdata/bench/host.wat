;; Calls of the host with handles of the host's resources, in a loop each. Two components hold handles, so that neither's
;; numbers are the runtime's.
(component
  (import "wasi:io/poll@0.2.0" (instance $poll
    (export "pollable" (type $pollable (sub resource)))
    (export "[method]pollable.ready" (func (param "self" (borrow $pollable)) (result bool)))
    (export "poll" (func (param "in" (list (borrow $pollable))) (result (list u32))))))
  (alias export $poll "pollable" (type $pollable))
  (import "wasi:io/error@0.2.0" (instance $error (export "error" (type (sub resource)))))
  (alias export $error "error" (type $err))
  (import "wasi:io/streams@0.2.0" (instance $streams
    (alias outer 1 $err (type $err'))
    (export "error" (type $err (eq $err')))
    (export "output-stream" (type $out (sub resource)))
    (type $stream-error' (variant (case "last-operation-failed" (own $err)) (case "closed")))
    (export "stream-error" (type $stream-error (eq $stream-error')))
    (export "[method]output-stream.check-write" (func (param "self" (borrow $out)) (result (result u64 (error $stream-error)))))
    (export "[method]output-stream.blocking-write-and-flush" (func (param "self" (borrow $out)) (param "contents" (list u8)) (result (result (error $stream-error)))))))
  (alias export $streams "output-stream" (type $out))
  (import "wasi:cli/stdout@0.2.0" (instance $stdout
    (alias outer 1 $out (type $out'))
    (export "output-stream" (type $out (eq $out')))
    (export "get-stdout" (func (result (own $out))))))
  (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock
    (alias outer 1 $pollable (type $pollable'))
    (export "pollable" (type $pollable (eq $pollable')))
    (export "subscribe-duration" (func (param "when" u64) (result (own $pollable))))))

  (component $Other
    (import "pollable" (type $pollable (sub resource)))
    (core func $drop (canon resource.drop $pollable))
    (func (export "drop") (param "h" u32) (canon lift (core func $drop))))
  (instance $other (instantiate $Other (with "pollable" (type $pollable))))
  (export "other" (instance $other))

  (core module $Mem
    (memory (export "memory") 1)
    (global $top (mut i32) (i32.const 8192))
    ;; results are forgotten at once
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 8192)))
  (core instance $mem (instantiate $Mem))
  (core func $ready' (canon lower (func $poll "[method]pollable.ready")))
  (core func $poll' (canon lower (func $poll "poll") (memory $mem "memory") (realloc (func $mem "realloc"))))
  (core func $check' (canon lower (func $streams "[method]output-stream.check-write") (memory $mem "memory")))
  (core func $write' (canon lower (func $streams "[method]output-stream.blocking-write-and-flush") (memory $mem "memory")))
  (core func $stdout' (canon lower (func $stdout "get-stdout")))
  (core func $subscribe' (canon lower (func $clock "subscribe-duration")))
  (core func $drop' (canon resource.drop $pollable))
  (core func $drop-out' (canon resource.drop $out))
  (core module $M
    (import "m" "memory" (memory 1))
    (import "" "ready" (func $ready (param i32) (result i32)))
    (import "" "poll" (func $poll (param i32 i32 i32)))
    (import "" "check" (func $check (param i32 i32)))
    (import "" "write" (func $write (param i32 i32 i32 i32)))
    (import "" "stdout" (func $stdout (result i32)))
    (import "" "subscribe" (func $subscribe (param i64) (result i32)))
    (import "" "drop" (func $drop (param i32)))
    (import "" "drop-out" (func $drop-out (param i32)))
    (func (export "ready") (param $n i32) (param i32) (result i32) (local $h i32) (local $s i32)
      (local.set $h (call $subscribe (i64.const 0)))
      (loop $l
        (local.set $s (i32.add (local.get $s) (call $ready (local.get $h))))
        (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
      (call $drop (local.get $h))
      (local.get $s))
    (func (export "subscribe") (param $n i32) (param i32) (result i32) (local $h i32) (local $s i32)
      (loop $l
        (local.set $h (call $subscribe (i64.const 0)))
        (local.set $s (i32.add (local.get $s) (local.get $h)))
        (call $drop (local.get $h))
        (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
      (local.get $s))
    (func (export "poll") (param $n i32) (param $size i32) (result i32) (local $i i32)
      (local.set $i (local.get $size))
      (loop $make
        (local.set $i (i32.sub (local.get $i) (i32.const 1)))
        (i32.store offset=1024 (i32.shl (local.get $i) (i32.const 2)) (call $subscribe (i64.const 0)))
        (br_if $make (local.get $i)))
      (loop $l
        (call $poll (i32.const 1024) (local.get $size) (i32.const 16))
        (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
      (loop $away
        (local.set $size (i32.sub (local.get $size) (i32.const 1)))
        (call $drop (i32.load offset=1024 (i32.shl (local.get $size) (i32.const 2))))
        (br_if $away (local.get $size)))
      (i32.load (i32.const 20)))
    (func (export "check") (param $n i32) (param i32) (result i32) (local $h i32)
      (local.set $h (call $stdout))
      (loop $l
        (call $check (local.get $h) (i32.const 16))
        (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
      (call $drop-out (local.get $h))
      (i32.load (i32.const 16)))
    (func (export "write") (param $n i32) (param $size i32) (result i32) (local $h i32)
      (local.set $h (call $stdout))
      (loop $l
        (call $write (local.get $h) (i32.const 4096) (local.get $size) (i32.const 32))
        (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
      (call $drop-out (local.get $h))
      (i32.load8_u (i32.const 32))))
  (core instance $m (instantiate $M
    (with "m" (instance $mem))
    (with "" (instance
      (export "ready" (func $ready')) (export "poll" (func $poll')) (export "check" (func $check')) (export "write" (func $write'))
      (export "stdout" (func $stdout')) (export "subscribe" (func $subscribe')) (export "drop" (func $drop'))
      (export "drop-out" (func $drop-out'))))))
  (func (export "run-ready") (param "n" u32) (param "size" u32) (result u32) (canon lift (core func $m "ready")))
  (func (export "run-subscribe") (param "n" u32) (param "size" u32) (result u32) (canon lift (core func $m "subscribe")))
  (func (export "run-poll") (param "n" u32) (param "size" u32) (result u32) (canon lift (core func $m "poll")))
  (func (export "run-check") (param "n" u32) (param "size" u32) (result u32) (canon lift (core func $m "check")))
  (func (export "run-write") (param "n" u32) (param "size" u32) (result u32) (canon lift (core func $m "write"))))
