;; Imports interfaces of WASI of which preview1 only has some.
(component
  (import "wasi:random/random@0.2.3" (instance $random (export "get-random-u64" (func (result u64)))))
  (import "wasi:sockets/instance-network@0.2.3" (instance $network
    (export "network" (type (sub resource)))
    (export "close" (func))))
  (import "wasi:http/outgoing-handler@0.2.0" (instance $http (export "handle" (func (param "url" string)))))
  (core func $u64 (canon lower (func $random "get-random-u64")))
  (core func $close (canon lower (func $network "close")))
  (core module $M
    (import "" "u64" (func $u64 (result i64)))
    (import "" "close" (func $close))
    (func (export "run") (result i64) (call $close) (call $u64)))
  (core instance $m (instantiate $M (with "" (instance (export "u64" (func $u64)) (export "close" (func $close))))))
  (func $run (result u64) (canon lift (core func $m "run")))
  (export "run" (func $run)))
