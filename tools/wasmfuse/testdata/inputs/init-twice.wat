;; Two functions, of which a host calls one before all others.
(module
  (global $g (mut i32) (i32.const 0))
  (func (export "_initialize") (global.set $g (i32.const 1)))
  (func (export "cm32p2_initialize") (global.set $g (i32.const 2)))
)
