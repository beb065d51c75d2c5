;; type not valid to be used as export
(component
  (type (component (type $e (enum "a")) (type $l (list $e)) (export "l" (type (eq $l)))))
)
