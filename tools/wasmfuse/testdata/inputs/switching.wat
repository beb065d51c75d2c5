;; A type of the stack switching proposal.
(component (core module (type $f (func)) (type $c (cont $f))))
