;; A component-level value.
(component (import "v" (value string)))
