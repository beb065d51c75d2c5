;; memory size must be at most 65536 pages
(component
  (core type (module (export "m" (memory 65537))))
)
