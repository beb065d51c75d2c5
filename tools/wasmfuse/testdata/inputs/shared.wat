;; A global of the shared-everything-threads proposal.
(component
  (core module $m (global (shared i32) (i32.const 0)))
  (core instance (instantiate $m)))
