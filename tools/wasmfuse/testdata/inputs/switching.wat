;; A type of the stack switching proposal.
(component
  (core module $m (type $f (func)) (type $c (cont $f)))
  (core instance (instantiate $m)))
