;; A global of the shared-everything-threads proposal.
(component (core module (global (shared i32) (i32.const 0))))
