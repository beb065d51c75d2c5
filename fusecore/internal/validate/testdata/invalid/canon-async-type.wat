;; the `async` canonical option requires an async function type
(component
  (import "f" (func $f))
  (core func (canon lower (func $f) async))
)
