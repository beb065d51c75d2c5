;; has no export named `gone`
(component
  (core module $m)
  (core instance $i (instantiate $m))
  (alias core export $i "gone" (core func))
)
