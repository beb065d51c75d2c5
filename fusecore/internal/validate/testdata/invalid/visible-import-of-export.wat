;; func not valid to be used as import
(component
  (type $e (enum "a"))
  (export $e2 "e" (type $e))
  (import "f" (func (param "x" $e2)))
)
