;; Threads are refused.
;;! kept "its built-in thread.new-indirect starts threads"
(component
  (core type $start (func (param i32)))
  (core module $T (table (export "t") 1 funcref))
  (core instance $t (instantiate $T))
  (alias core export $t "t" (core table $table))
  (core func $thread (canon thread.new_indirect $start (table $table)))
  (core module $M
    (import "" "thread" (func $thread (param i32 i32) (result i32)))
    (func (export "f") (drop (call $thread (i32.const 0) (i32.const 0)))))
  (core instance $i (instantiate $M (with "" (instance (export "thread" (func $thread))))))
  (func (export "f") (canon lift (core func $i "f"))))
