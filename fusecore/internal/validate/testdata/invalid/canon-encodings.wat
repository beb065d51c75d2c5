;; canonical encoding option `utf16` conflicts with option `utf8`
(component
  (import "f" (func $f))
  (core func (canon lower (func $f) string-encoding=utf16 string-encoding=utf8))
)
