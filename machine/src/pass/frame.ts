/**
 * What stands around a function's body. A function becomes
 *
 *     block $stack                     only where the function is guarded
 *       block $fuel                    only where it charges
 *         [take the frame's slots, br_if $stack]
 *         block $body (results)        the function's own label
 *           …
 *         end
 *         [give the slots back]
 *         return
 *       end
 *       stop: out of fuel
 *     end
 *     stop: stack exhausted
 */
import { OP } from '../wasm/opcodes.ts'
import type { Writer } from '../wasm/writer.ts'
import { STATE } from './abi.ts'
import type { Guard } from './guards.ts'
import { stop } from './helpers.ts'
import type { Layout } from './layout.ts'

const EMPTY = 0x40

export interface Frame {
  readonly guard: Guard | null
  /** A local of type i32 for the guard to work in. */
  readonly local: number
  /** Whether there are charges in the body. */
  readonly charges: boolean
}

/** Writes a function's code, without its locals, around the body, which ends with the `end` of its block. */
export function writeFrame(
  code: Writer,
  layout: Layout,
  { guard, local, charges }: Frame,
  results: Uint8Array,
  writeBody: () => void,
): void {
  if (guard) code.put(OP.block, EMPTY)
  if (charges) code.put(OP.block, EMPTY)
  if (guard) writeTake(code, layout, guard, local, charges ? 1 : 0)
  code.u8(OP.block)
  writeBlockType(code, layout, results)
  writeBody()
  if (guard) writeGiveBack(code, layout, guard)
  code.u8(OP.return)
  if (charges) {
    code.u8(OP.end)
    writeStopCall(code, layout, STATE.outOfFuel)
  }
  if (guard) {
    code.u8(OP.end)
    writeStopCall(code, layout, STATE.stackExhausted)
  }
  code.u8(OP.end)
}

/** The stop is a function of its own: engines inline by size, and it is never the hot way. */
function writeStopCall(code: Writer, layout: Layout, state: number): void {
  code.u8(OP.call)
  code.u32(stop(layout, state))
  code.u8(OP.unreachable)
}

function writeBlockType(code: Writer, layout: Layout, results: Uint8Array): void {
  if (results.length === 0) code.u8(EMPTY)
  else if (results.length === 1) code.u8(results[0]!)
  else code.signed(layout.typeIndex({ params: new Uint8Array(0), results }))
}

function writeTake(code: Writer, layout: Layout, { take, floor }: Guard, local: number, label: number): void {
  code.u8(OP.globalGet)
  code.u32(layout.stack)
  code.u8(OP.i32Const)
  code.signed(take)
  code.put(OP.i32Sub, OP.localTee)
  code.u32(local)
  code.u8(OP.i32Const)
  code.signed(floor)
  code.put(OP.i32LtS, OP.brIf, label, OP.localGet)
  code.u32(local)
  code.u8(OP.globalSet)
  code.u32(layout.stack)
}

function writeGiveBack(code: Writer, layout: Layout, { take }: Guard): void {
  code.u8(OP.globalGet)
  code.u32(layout.stack)
  code.u8(OP.i32Const)
  code.signed(take)
  code.u8(OP.i32Add)
  code.u8(OP.globalSet)
  code.u32(layout.stack)
}
