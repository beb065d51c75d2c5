(module
  (memory (export "memory") 4)
  ;; Adds and stores words.
  (func (export "bench:guest/loops@0.1.0#sum") (param $n i32) (param $size i32) (result i32) (local $i i32) (local $s i32)
    (loop $again
      (local.set $i (i32.const 0))
      (loop $next
        (local.set $s (i32.add (local.get $s) (i32.load offset=1024 (local.get $i))))
        (i32.store8 offset=1024 (local.get $i) (local.get $s))
        (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 4))) (local.get $size))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $s))
  ;; A small function with memory traffic, which is called in a loop.
  (func $leaf (param $p i32) (result i32)
    (i32.store (local.get $p) (i32.add (i32.load (local.get $p)) (i32.const 1)))
    (i32.load offset=4 (local.get $p)))
  (func (export "bench:guest/loops@0.1.0#chase") (param $n i32) (param $size i32) (result i32) (local $p i32)
    (local.set $p (i32.const 1024))
    (loop $next
      (local.set $p (i32.add (i32.const 1024) (call $leaf (local.get $p))))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $p))
  ;; Fills with numbers, and sorts them by insertion.
  (func (export "bench:guest/loops@0.1.0#sort") (param $n i32) (param $size i32) (result i32) (local $i i32) (local $j i32) (local $t i32) (local $k i32)
    (loop $again
      (local.set $i (i32.const 0))
      (local.set $k (i32.const 12345))
      (loop $fill
        (local.set $k (i32.add (i32.mul (local.get $k) (i32.const 1103515245)) (i32.const 12345)))
        (i32.store offset=1024 (local.get $i) (local.get $k))
        (br_if $fill (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 4))) (local.get $size))))
      (local.set $i (i32.const 4))
      (loop $next
        (local.set $t (i32.load offset=1024 (local.get $i)))
        (local.set $j (local.get $i))
        (block $found
          (loop $down
            (br_if $found (i32.eqz (local.get $j)))
            (br_if $found (i32.le_s (i32.load offset=1020 (local.get $j)) (local.get $t)))
            (i32.store offset=1024 (local.get $j) (i32.load offset=1020 (local.get $j)))
            (local.set $j (i32.sub (local.get $j) (i32.const 4)))
            (br $down)))
        (i32.store offset=1024 (local.get $j) (local.get $t))
        (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 4))) (local.get $size))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i32.load offset=1024 (i32.const 0))))
