;; resources can only be defined within a concrete component
(component
  (type (component (type (resource (rep i32)))))
)
