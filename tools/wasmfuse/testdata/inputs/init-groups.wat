;; Types in one recursion group.
(module
  (rec (type $a (func)) (type $b (func (param i32))))
  (global $g (mut i32) (i32.const 0))
  (func (export "init") (type $a) (global.set $g (i32.const 1)))
)
