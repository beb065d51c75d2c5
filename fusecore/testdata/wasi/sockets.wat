;; A command that creates a socket. It fails unless the error is not-supported.
(component
  (import "wasi:sockets/network@0.2.3" (instance $net
    (type $codes (enum "unknown" "access-denied" "not-supported" "invalid-argument" "out-of-memory" "timeout" "concurrency-conflict"
      "not-in-progress" "would-block" "invalid-state" "new-socket-limit" "address-not-bindable" "address-in-use" "remote-unreachable"
      "connection-refused" "connection-reset" "connection-aborted" "datagram-too-large" "name-unresolvable" "temporary-resolver-failure"
      "permanent-resolver-failure"))
    (export "error-code" (type $code (eq $codes)))
    (type $families (enum "ipv4" "ipv6"))
    (export "ip-address-family" (type $family (eq $families)))))
  (alias export $net "error-code" (type $code))
  (alias export $net "ip-address-family" (type $family))
  (import "wasi:sockets/tcp@0.2.3" (instance $tcp (export "tcp-socket" (type (sub resource)))))
  (alias export $tcp "tcp-socket" (type $socket))
  (import "wasi:sockets/tcp-create-socket@0.2.3" (instance $create
    (alias outer 1 $socket (type $outer)) (export "tcp-socket" (type $s (eq $outer)))
    (alias outer 1 $code (type $outer-code)) (export "error-code" (type $c (eq $outer-code)))
    (alias outer 1 $family (type $outer-family)) (export "ip-address-family" (type $f (eq $outer-family)))
    (export "create-tcp-socket" (func (param "address-family" $f) (result (result (own $s) (error $c)))))))
  (core module $Memory (memory (export "memory") 1))
  (core instance $memory (instantiate $Memory))
  (core func $create (canon lower (func $create "create-tcp-socket") (memory $memory "memory")))
  (core module $M
    (import "" "memory" (memory 1))
    (import "" "create" (func $create (param i32 i32)))
    ;; 1 if the error is not-supported
    (func (export "run") (result i32) (call $create (i32.const 0) (i32.const 0)) (i64.ne (i64.const 0x200000001) (i64.load (i32.const 0)))))
  (core instance $m (instantiate $M
    (with "" (instance (export "memory" (memory $memory "memory")) (export "create" (func $create))))))
  (func $run (result (result)) (canon lift (core func $m "run")))
  (instance $i (export "run" (func $run)))
  (export "wasi:cli/run@0.2.3" (instance $i)))
