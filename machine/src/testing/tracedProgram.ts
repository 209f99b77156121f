/** A program that does a bit of everything, and how a game over it asks for states. */
import { encodeInput } from '../io/input.ts'
import { buildProgram } from '../program.ts'
import { wat } from './wat.ts'

/**
 * Random words, of its standard input too, over memory that grows; a global, calls with a loop in them, and some lines
 * of output.
 *
 * @param words how many words are written
 * @param spin rounds of a loop before each word
 * @param mask of their addresses
 */
const traced = (words: number, spin: number, mask: string) =>
  buildProgram(
    wat(`(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (memory 2 8)
  (global $x (mut i64) (i64.const 88172645463325252))
  (data (i32.const 16) "0123456789abcdef 0123456789abcdef\\0a")
  (func $next (result i64)
    (global.set $x (i64.xor (global.get $x) (i64.shl (global.get $x) (i64.const 13))))
    (global.set $x (i64.xor (global.get $x) (i64.shr_u (global.get $x) (i64.const 7))))
    (global.set $x (i64.xor (global.get $x) (i64.shl (global.get $x) (i64.const 17))))
    (global.get $x))
  (func $sum (param $n i32) (result i64) (local $s i64)
    (loop $l
      (local.set $s (i64.add (local.get $s) (i64.load (i32.shl (local.get $n) (i32.const 3)))))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $s))
  (func (export "_start") (local $i i32) (local $j i32)
    (i32.store (i32.const 0) (i32.const 16)) (i32.store (i32.const 4) (i32.const 34))
    (i32.store (i32.const 64) (i32.const 72)) (i32.store (i32.const 68) (i32.const 8))
    (loop $l
      (local.set $j (i32.const ${spin}))
      (loop $m (br_if $m (local.tee $j (i32.sub (local.get $j) (i32.const 1)))))
      (i64.store (i32.add (i32.const 4096) (i32.wrap_i64 (i64.and (call $next) (i64.const ${mask})))) (call $next))
      (if (i32.eqz (i32.and (local.get $i) (i32.const 255))) (then
        (drop (memory.grow (i32.const 1)))
        (drop (call $read (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 8)))
        (global.set $x (i64.xor (global.get $x) (i64.load (i32.const 72))))
        (i64.store (i32.const 16) (i64.or (i64.and (call $sum (i32.const 2560))
          (i64.const 0x0f0f0f0f0f0f0f0f)) (i64.const 0x3030303030303030)))
        (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const ${words}))))))`),
  )

/** 500,000 steps. All that it writes goes into its output. */
export const TRACED = traced(2_000, 1, '0x3ff8')
/** 70 million steps, and few of them write. */
export const SLOW_TO_WRITE = traced(300, 40_000, '0x1dff8')

/** The steps that a side of a game asks for when the sides disagree about that one, split by split. */
export function* gameOver(steps: bigint, wrong: bigint): Generator<bigint[]> {
  let level = 1
  while (32n ** BigInt(level) < steps) level++
  for (let first = 0n; level-- > 0; ) {
    const size = 32n ** BigInt(level)
    const start = first
    yield Array.from({ length: 32 }, (_, i) => start + size * BigInt(i + 1))
    first += ((wrong - first) / size) * size
  }
}

/** It reads as much as this. */
export const TRACED_INPUT = encodeInput({
  args: ['traced'],
  stdin: Uint8Array.from({ length: 64 }, (_, i) => 7 * i),
})
