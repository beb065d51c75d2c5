;; An exception that leaves a start function ends the instantiation.
;;! assert_trap instantiate
(component
  (core module $M (tag $e) (func $s (throw $e)) (start $s))
  (core instance $m (instantiate $M)))
