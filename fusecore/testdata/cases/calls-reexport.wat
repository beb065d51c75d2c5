;; Functions of the host exported again: directly, through a nested component, under two names, and within an instance.
;; wasmtime 42 cannot compile such components ("a reexport of an imported function ... is not implemented"), so only the
;; text is looked at.
;;! fused has "f1" (func 0)
;;! fused has "f2" (func 0)
;;! fused has "test:h/j" (instance 0)
(component
  (import "f" (func $f (result u32)))
  (import "test:h/i" (instance $i (export "g" (func (result u32)))))
  (component $Pass
    (import "f" (func $f (result u32)))
    (export "f" (func $f)))
  (instance $p (instantiate $Pass (with "f" (func $f))))
  (export "f1" (func $f))
  (export "f2" (func $p "f"))
  (export "test:h/j" (instance $i)))
