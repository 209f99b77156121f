;; Takes memory by the mebibyte and writes to each of its pages, until it is given no more; says so, and traps.
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 16)
  (data (i32.const 0) "\10\00\00\00\0f\00\00\00")
  (data (i32.const 16) "no more memory\n")
  (func (export "_start")
    (local $at i32)
    (local $left i32)
    (block $full
      (loop $take
        (local.set $at (memory.grow (i32.const 16)))
        (br_if $full (i32.eq (local.get $at) (i32.const -1)))
        (local.set $at (i32.shl (local.get $at) (i32.const 16)))
        (local.set $left (i32.const 16))
        (loop $touch
          (i32.store (local.get $at) (i32.const 1))
          (local.set $at (i32.add (local.get $at) (i32.const 65536)))
          (br_if $touch (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
        (br $take)))
    (drop (call $write (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 8)))
    (unreachable)))
