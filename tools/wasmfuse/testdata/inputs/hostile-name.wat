;; A name that is none.
(component (import "up\e2\80\aedown\1b[31m" (func)))
