;; Where only functions that are not lifted, or a post-return, could make streams or threads, these never exist.
;;! assert_return f(0) -> 3
;;! assert_trap f(1) "cannot leave component instance"
;;! assert_trap f(2) "cannot leave component instance"
;;! assert_trap f(3) "cannot leave component instance"
;;! assert_trap g() "no such subtask, stream or future"
(component
  (type $s (stream u8))
  (core type $start (func (param i32)))
  (core module $T (table (export "t") 1 funcref))
  (core instance $t (instantiate $T))
  (alias core export $t "t" (core table $table))
  (core func $new (canon stream.new $s))
  (core func $drop (canon stream.drop-readable $s))
  (core func $thread (canon thread.new_indirect $start (table $table)))
  (core module $M
    (import "" "new" (func $new (result i64)))
    (import "" "drop" (func $drop (param i32)))
    (import "" "thread" (func $thread (param i32 i32) (result i32)))
    (global $what (mut i32) (i32.const 0))
    (func (export "unused") (result i64) (call $new))
    (func (export "f") (param i32) (result i32) (global.set $what (local.get 0)) (i32.const 3))
    (func (export "post") (param i32)
      (if (i32.eq (global.get $what) (i32.const 1)) (then (drop (call $new))))
      (if (i32.eq (global.get $what) (i32.const 2)) (then (call $drop (i32.const 1))))
      (if (i32.eq (global.get $what) (i32.const 3)) (then (drop (call $thread (i32.const 0) (i32.const 0))))))
    (func (export "g") (call $drop (i32.const 1))))
  (core instance $i (instantiate $M (with "" (instance
    (export "new" (func $new)) (export "drop" (func $drop)) (export "thread" (func $thread))))))
  (func (export "f") (param "what" u32) (result u32) (canon lift (core func $i "f") (post-return (func $i "post"))))
  (func (export "g") (canon lift (core func $i "g"))))
