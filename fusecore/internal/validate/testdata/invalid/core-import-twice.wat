;; duplicate import name `a:b`
(component
  (core type (module (import "a" "b" (func)) (import "a" "b" (memory 1))))
)
