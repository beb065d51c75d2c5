;; An instance that nothing refers to and that does nothing, with a table too large for engines.
;;! assert_return f()
(component
  (core module $bad (table 4294967295 funcref))
  (core instance (instantiate $bad))
  (core module $m (func (export "f")))
  (core instance $i (instantiate $m))
  (func (export "f") (canon lift (core func $i "f"))))
