;; Loops for ever over host calls that do nothing: they must cost what they take.
(module
  (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
  (func (export "_start")
    (loop $again
      (drop (call $yield))
      (br $again))))
