;; A canonical option of a proposal.
(component
  (core module $m (type $t (func)) (func (export "f") (type $t)))
  (core instance $i (instantiate $m))
  (core type $t (func))
  (func (export "f") (canon lift (core func $i "f") gc (core-type $t))))
