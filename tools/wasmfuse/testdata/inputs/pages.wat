;; A memory with pages of one byte.
(component
  (core module $m (memory 1 (pagesize 1)))
  (core instance (instantiate $m)))
