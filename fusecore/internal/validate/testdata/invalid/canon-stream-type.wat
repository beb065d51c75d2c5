;; `stream.new` requires a stream type, found (future u8)
(component
  (type $f (future u8))
  (core func (canon stream.new $f))
)
