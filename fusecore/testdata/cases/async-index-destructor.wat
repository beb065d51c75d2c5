;; A destructor can run as a second thread of its instance, or as the first.
;;! kept "canonical built-in thread.index: cannot be fused where destructors or start functions could call it"
(component
  (core module $D
    (import "" "index" (func $index (result i32)))
    (func (export "dtor") (param i32) (drop (call $index))))
  (core func $index (canon thread.index))
  (core instance $d (instantiate $D (with "" (instance (export "index" (func $index))))))
  (type $r (resource (rep i32) (dtor (func $d "dtor"))))
  (core func $new (canon resource.new $r))
  (core func $drop (canon resource.drop $r))
  (core module $M
    (import "" "new" (func $new (param i32) (result i32)))
    (import "" "drop" (func $drop (param i32)))
    (func (export "f") (call $drop (call $new (i32.const 1)))))
  (core instance $i (instantiate $M (with "" (instance (export "new" (func $new)) (export "drop" (func $drop))))))
  (func (export "f") (canon lift (core func $i "f"))))
