;; function should return `(own $T)` or `(result (own $T))`, found (option (own the imported resource `r`))
(component
  (import "r" (type $r (sub resource)))
  (import "[constructor]r" (func (result (option (own $r)))))
)
