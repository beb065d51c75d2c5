;; What synchronous tasks can never do traps: finishing as an asynchronous task, blocking, and naming subtasks, waitables or
;; other threads, of which there are none.
;;! assert_trap task-return() "task is not asynchronous"
;;! assert_trap task-cancel() "task is not asynchronous"
;;! assert_trap subtask-cancel() "no such subtask, stream or future"
;;! assert_trap subtask-drop() "no such subtask, stream or future"
;;! assert_trap join() "no such subtask, stream or future"
;;! assert_trap wait() "unknown handle index"
;;! assert_trap poll() "unknown handle index"
;;! assert_trap set-drop() "unknown handle index"
;;! assert_trap stream-read() "no such subtask, stream or future"
;;! assert_trap stream-write() "no such subtask, stream or future"
;;! assert_trap stream-cancel-read() "no such subtask, stream or future"
;;! assert_trap stream-drop-writable() "no such subtask, stream or future"
;;! assert_trap future-read() "no such subtask, stream or future"
;;! assert_trap future-cancel-write() "no such subtask, stream or future"
;;! assert_trap future-drop-readable() "no such subtask, stream or future"
;;! assert_trap suspend() "nothing can resume the blocked task"
;;! assert_trap err-drop() "unknown handle index"
;;! assert_return fine() -> 7
;;! fused lacks $handles
(component
  (core module $Mem (memory (export "m") 1))
  (core instance $mem (instantiate $Mem))
  (alias core export $mem "m" (core memory $m))
  (type $s (stream u32))
  (type $f (future u32))
  (core func $task.return (canon task.return (result string) (memory $m)))
  (core func $task.cancel (canon task.cancel))
  (core func $subtask.cancel (canon subtask.cancel async))
  (core func $subtask.drop (canon subtask.drop))
  (core func $join (canon waitable.join))
  (core func $wait (canon waitable-set.wait (memory $m)))
  (core func $poll (canon waitable-set.poll (memory $m)))
  (core func $set.drop (canon waitable-set.drop))
  (core func $stream.read (canon stream.read $s (memory $m)))
  (core func $stream.write (canon stream.write $s async (memory $m)))
  (core func $stream.cancel-read (canon stream.cancel-read $s))
  (core func $stream.drop-writable (canon stream.drop-writable $s))
  (core func $future.read (canon future.read $f (memory $m)))
  (core func $future.cancel-write (canon future.cancel-write $f))
  (core func $future.drop-readable (canon future.drop-readable $f))
  (core func $suspend (canon thread.suspend))
  (core func $err.drop (canon error-context.drop))
  (core module $M
    (import "" "task.return" (func $task.return (param i32 i32)))
    (import "" "task.cancel" (func $task.cancel))
    (import "" "subtask.cancel" (func $subtask.cancel (param i32) (result i32)))
    (import "" "subtask.drop" (func $subtask.drop (param i32)))
    (import "" "join" (func $join (param i32 i32)))
    (import "" "wait" (func $wait (param i32 i32) (result i32)))
    (import "" "poll" (func $poll (param i32 i32) (result i32)))
    (import "" "set.drop" (func $set.drop (param i32)))
    (import "" "stream.read" (func $stream.read (param i32 i32 i32) (result i32)))
    (import "" "stream.write" (func $stream.write (param i32 i32 i32) (result i32)))
    (import "" "stream.cancel-read" (func $stream.cancel-read (param i32) (result i32)))
    (import "" "stream.drop-writable" (func $stream.drop-writable (param i32)))
    (import "" "future.read" (func $future.read (param i32 i32) (result i32)))
    (import "" "future.cancel-write" (func $future.cancel-write (param i32) (result i32)))
    (import "" "future.drop-readable" (func $future.drop-readable (param i32)))
    (import "" "suspend" (func $suspend (result i32)))
    (import "" "err.drop" (func $err.drop (param i32)))
    (func (export "task.return") (call $task.return (i32.const 0) (i32.const 0)))
    (func (export "task.cancel") (call $task.cancel))
    (func (export "subtask.cancel") (drop (call $subtask.cancel (i32.const 1))))
    (func (export "subtask.drop") (call $subtask.drop (i32.const 1)))
    (func (export "join") (call $join (i32.const 1) (i32.const 0)))
    (func (export "wait") (drop (call $wait (i32.const 1) (i32.const 0))))
    (func (export "poll") (drop (call $poll (i32.const 1) (i32.const 0))))
    (func (export "set.drop") (call $set.drop (i32.const 1)))
    (func (export "stream.read") (drop (call $stream.read (i32.const 1) (i32.const 0) (i32.const 0))))
    (func (export "stream.write") (drop (call $stream.write (i32.const 1) (i32.const 0) (i32.const 0))))
    (func (export "stream.cancel-read") (drop (call $stream.cancel-read (i32.const 1))))
    (func (export "stream.drop-writable") (call $stream.drop-writable (i32.const 1)))
    (func (export "future.read") (drop (call $future.read (i32.const 1) (i32.const 0))))
    (func (export "future.cancel-write") (drop (call $future.cancel-write (i32.const 1))))
    (func (export "future.drop-readable") (call $future.drop-readable (i32.const 1)))
    (func (export "suspend") (drop (call $suspend)))
    (func (export "err.drop") (call $err.drop (i32.const 1)))
    (func (export "fine") (result i32) (i32.const 7)))
  (core instance $i (instantiate $M (with "" (instance
    (export "task.return" (func $task.return)) (export "task.cancel" (func $task.cancel))
    (export "subtask.cancel" (func $subtask.cancel)) (export "subtask.drop" (func $subtask.drop))
    (export "join" (func $join)) (export "wait" (func $wait)) (export "poll" (func $poll)) (export "set.drop" (func $set.drop))
    (export "stream.read" (func $stream.read)) (export "stream.write" (func $stream.write))
    (export "stream.cancel-read" (func $stream.cancel-read)) (export "stream.drop-writable" (func $stream.drop-writable))
    (export "future.read" (func $future.read)) (export "future.cancel-write" (func $future.cancel-write))
    (export "future.drop-readable" (func $future.drop-readable)) (export "suspend" (func $suspend))
    (export "err.drop" (func $err.drop))))))
  (func (export "task-return") (canon lift (core func $i "task.return")))
  (func (export "task-cancel") (canon lift (core func $i "task.cancel")))
  (func (export "subtask-cancel") (canon lift (core func $i "subtask.cancel")))
  (func (export "subtask-drop") (canon lift (core func $i "subtask.drop")))
  (func (export "join") (canon lift (core func $i "join")))
  (func (export "wait") (canon lift (core func $i "wait")))
  (func (export "poll") (canon lift (core func $i "poll")))
  (func (export "set-drop") (canon lift (core func $i "set.drop")))
  (func (export "stream-read") (canon lift (core func $i "stream.read")))
  (func (export "stream-write") (canon lift (core func $i "stream.write")))
  (func (export "stream-cancel-read") (canon lift (core func $i "stream.cancel-read")))
  (func (export "stream-drop-writable") (canon lift (core func $i "stream.drop-writable")))
  (func (export "future-read") (canon lift (core func $i "future.read")))
  (func (export "future-cancel-write") (canon lift (core func $i "future.cancel-write")))
  (func (export "future-drop-readable") (canon lift (core func $i "future.drop-readable")))
  (func (export "suspend") (canon lift (core func $i "suspend")))
  (func (export "err-drop") (canon lift (core func $i "err.drop")))
  (func (export "fine") (result u32) (canon lift (core func $i "fine"))))
