;; recursion groups are equal across modules by structure
(component
  (core module $a (rec (type $s (struct (field (ref null $t)))) (type $t (struct (field (ref null $s)))))
    (global (export "x") (ref null $s) (ref.null $s)))
  (core module $b (type $other (func)) (rec (type $s (struct (field (ref null $t)))) (type $t (struct (field (ref null $s)))))
    (import "m" "x" (global (ref null $s)))
    (import "m" "x2" (global (ref null struct))))
  (core instance $a (instantiate $a))
  (core instance (instantiate $b (with "m" (instance (export "x" (global $a "x")) (export "x2" (global $a "x"))))))
)
