;; unknown instance 9
(component
  (component $inner (component (export "x" (instance 9))))
)
