/**
 * What stands around a function's body. A function becomes
 *
 *     block $stack                     only where the function is guarded
 *       block $fuel
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
import type { Layout } from './layout.ts'

const EMPTY = 0x40

/** How a function keeps to the bound on the stack. */
export interface Guard {
  /** Slots that its frame takes. */
  readonly slots: number
  /** A local of type i32 to work in. */
  readonly local: number
}

/** Writes a function's code, without its locals, around the body, which ends with the `end` of its block. */
export function writeFrame(
  code: Writer,
  layout: Layout,
  guard: Guard | null,
  results: Uint8Array,
  body: Writer,
): void {
  if (guard) code.put(OP.block, EMPTY)
  code.put(OP.block, EMPTY)
  if (guard) writeTake(code, layout, guard)
  code.u8(OP.block)
  writeBlockType(code, layout, results)
  code.append(body)
  if (guard) writeGiveBack(code, layout, guard)
  code.put(OP.return, OP.end)
  layout.writeStop(code, STATE.outOfFuel)
  if (guard) {
    code.u8(OP.end)
    layout.writeStop(code, STATE.stackExhausted)
  }
  code.u8(OP.end)
}

function writeBlockType(code: Writer, layout: Layout, results: Uint8Array): void {
  if (results.length === 0) code.u8(EMPTY)
  else if (results.length === 1) code.u8(results[0]!)
  else code.signed(layout.typeIndex({ params: new Uint8Array(0), results }))
}

function writeTake(code: Writer, layout: Layout, { slots, local }: Guard): void {
  code.u8(OP.globalGet)
  code.u32(layout.stack)
  code.u8(OP.i32Const)
  code.signed(slots)
  code.u8(OP.i32Sub)
  code.u8(OP.localTee)
  code.u32(local)
  code.put(OP.i32Const, 0, OP.i32LtS, OP.brIf, 1, OP.localGet)
  code.u32(local)
  code.u8(OP.globalSet)
  code.u32(layout.stack)
}

function writeGiveBack(code: Writer, layout: Layout, { slots }: Guard): void {
  code.u8(OP.globalGet)
  code.u32(layout.stack)
  code.u8(OP.i32Const)
  code.signed(slots)
  code.u8(OP.i32Add)
  code.u8(OP.globalSet)
  code.u32(layout.stack)
}
