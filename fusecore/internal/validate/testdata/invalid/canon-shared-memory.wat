;; uses an unsuitable memory: mismatch in the shared flag
(component
  (core module $m (memory (export "m") 1 1 shared))
  (core instance $i (instantiate $m))
  (import "f" (func $f))
  (core func (canon lower (func $f) (memory $i "m")))
)
