;; The fault is in a component in a component.
(component $outer
  (component $inner
    (core module $m (import "env" "\1b[31mred\0a" (func)))
    (core instance (instantiate $m))))
