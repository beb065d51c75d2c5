;; `context.get` index out of bounds: expected less than 2, found 2
(component
  (core func (canon context.get i32 2))
)
