/** Functions that the pass adds to the module for what is too long to be written in place. */
import { FUNCREF, I32, I64, OP } from '../wasm/opcodes.ts'
import { Writer } from '../wasm/writer.ts'
import { STATE } from './abi.ts'
import type { Guard } from './guards.ts'
import type { Layout } from './layout.ts'
import { PRIMITIVES, type PrimitiveName } from './linkage.ts'
import { BYTES_PER_UNIT_LOG2, UNITS_PER_ELEMENT, UNITS_PER_PAGE, UNITS_PER_PRIMITIVE } from './weights.ts'

const EMPTY = 0x40

/** `() -> ()`: ends the program. */
export function stop(layout: Layout, state: number): number {
  return layout.functionIndex(`stop ${state}`, () =>
    makeFunction(layout, [], [], [], (code) => layout.writeStop(code, state)),
  )
}

/** `(bytes: i32) -> bytes`: charges for an instruction that is about to touch so many bytes. */
export function chargeBytes(layout: Layout): number {
  return layout.functionIndex('chargeBytes', () =>
    makeCharge(layout, (code) => {
      code.put(OP.localGet, 0, OP.i64ExtendI32U, OP.i64Const)
      code.signed(2 ** BYTES_PER_UNIT_LOG2 - 1)
      code.put(OP.i64Add, OP.i64Const, BYTES_PER_UNIT_LOG2, OP.i64ShrU)
    }),
  )
}

/** `(elements: i32) -> elements`: charges for an instruction that is about to touch so many. */
export function chargeElements(layout: Layout): number {
  return layout.functionIndex('chargeElements', () =>
    makeCharge(layout, (code) => writeProduct(code, 0, UNITS_PER_ELEMENT)),
  )
}

/**
 * `(pages: i32) -> i32` in place of memory.grow: −1 only beyond the maximum. Where the host fails to give what
 * is within it, the program stops instead of seeing that.
 */
export function memoryGrow(layout: Layout, memory: number): number {
  return layout.functionIndex(`memoryGrow ${memory}`, () => {
    const body = (code: Writer) => {
      const size = [OP.memorySize, memory]
      const max = layout.maxPages[memory]!
      writeGrow(code, layout, { amount: 0, fuel: 1, size, unit: UNITS_PER_PAGE, max })
      code.put(OP.localGet, 0, OP.memoryGrow, memory)
      finishGrow(code, layout, 2)
    }
    return makeFunction(layout, [I32], [I32], [I64, I32], body)
  })
}

/** `(value: funcref, elements: i32) -> i32` in place of table.grow, to the same rule as memory.grow. */
export function tableGrow(layout: Layout, table: number): number {
  return layout.functionIndex(`tableGrow ${table}`, () => {
    const body = (code: Writer) => {
      // At most 16 tables (BuildLimits), so an index is one byte.
      const size = [0xfc, OP.tableSize & 0xff, table]
      const max = layout.maxElements[table]!
      writeGrow(code, layout, { amount: 1, fuel: 2, size, unit: UNITS_PER_ELEMENT, max })
      code.put(OP.localGet, 0, OP.localGet, 1, 0xfc, OP.tableGrow & 0xff, table)
      finishGrow(code, layout, 3)
    }
    return makeFunction(layout, [FUNCREF, I32], [I32], [I64, I32], body)
  })
}

/** Calls a primitive, after charging for it: what it moves by the byte, and {@link UNITS_PER_PRIMITIVE}. */
export function callPrimitive(layout: Layout, name: PrimitiveName): number {
  const index = PRIMITIVES.findIndex((primitive) => primitive.name === name)
  const { params, results, bytes } = PRIMITIVES[index]!
  return layout.functionIndex(name, () =>
    makeFunction(layout, [...params], [...results], [I64], (code) => {
      writeCharge(code, layout, params.length, (cost) => {
        cost.u8(OP.i64Const)
        cost.signed(UNITS_PER_PRIMITIVE + 2 ** BYTES_PER_UNIT_LOG2 - 1)
        if (bytes === null) return
        cost.put(
          OP.localGet,
          bytes,
          OP.i64ExtendI32U,
          OP.i64Const,
          BYTES_PER_UNIT_LOG2,
          OP.i64ShrU,
          OP.i64Add,
        )
      })
      for (let i = 0; i < params.length; i++) code.put(OP.localGet, i)
      code.put(OP.call, index)
    }),
  )
}

export interface RunCalls {
  /** Called in turn. */
  readonly calls: readonly number[]
  /** Whether the last of them gives the exit code. */
  readonly givesCode: boolean
  /** Takes the exit code in the end. */
  readonly leave: number | null
  /** What it takes of the stack, for all that is called without a guard. */
  readonly guard: Guard
}

/** `() -> i32`: calls functions in turn and returns the exit code. */
export function run(layout: Layout, { calls, givesCode, leave, guard }: RunCalls): number {
  return layout.functionIndex('run', () =>
    makeFunction(layout, [], [I32], [I32], (code) => {
      code.u8(OP.globalGet)
      code.u32(layout.stack)
      code.u8(OP.i32Const)
      code.signed(guard.take + guard.floor)
      code.put(OP.i32LtS, OP.if, EMPTY)
      layout.writeStop(code, STATE.stackExhausted)
      code.u8(OP.end)
      writeStackChange(code, layout, OP.i32Sub, guard.take)
      for (const index of calls) {
        code.u8(OP.call)
        code.u32(index)
      }
      if (!givesCode) code.put(OP.i32Const, 0)
      if (leave !== null) {
        code.put(OP.localTee, 0, OP.call)
        code.u32(leave)
        code.put(OP.localGet, 0)
      }
      writeStackChange(code, layout, OP.i32Add, guard.take)
    }),
  )
}

function writeStackChange(code: Writer, layout: Layout, op: number, slots: number): void {
  if (slots === 0) return
  code.u8(OP.globalGet)
  code.u32(layout.stack)
  code.u8(OP.i32Const)
  code.signed(slots)
  code.put(op, OP.globalSet)
  code.u32(layout.stack)
}

/** A function of the pass; `write` writes its code up to the last `end`, with locals behind the parameters. */
export function makeFunction(
  layout: Layout,
  params: number[],
  results: number[],
  locals: number[],
  write: (code: Writer) => void,
) {
  const code = new Writer()
  code.u32(locals.length)
  for (const type of locals) code.put(1, type)
  write(code)
  code.u8(OP.end)
  const type = layout.typeIndex({ params: Uint8Array.from(params), results: Uint8Array.from(results) })
  return { type, body: code.finish() }
}

function makeCharge(layout: Layout, writeCost: (code: Writer) => void) {
  return makeFunction(layout, [I32], [I32], [I64], (code) => {
    writeCharge(code, layout, 1, writeCost)
    code.put(OP.localGet, 0)
  })
}

/** Takes the cost, an i64 that `writeCost` leaves on the stack, from the fuel; `local` is an i64 to work in. */
function writeCharge(code: Writer, layout: Layout, local: number, writeCost: (code: Writer) => void): void {
  code.u8(OP.globalGet)
  code.u32(layout.fuel)
  writeCost(code)
  code.put(OP.i64Sub, OP.localTee, local, OP.i64Const, 0, OP.i64LtS, OP.if, EMPTY)
  layout.writeStop(code, STATE.outOfFuel)
  code.put(OP.end, OP.localGet, local, OP.globalSet)
  code.u32(layout.fuel)
}

function writeProduct(code: Writer, local: number, factor: number): void {
  code.put(OP.localGet, local, OP.i64ExtendI32U, OP.i64Const)
  code.signed(factor)
  code.u8(OP.i64Mul)
}

interface Growth {
  /** Locals: how much is asked for, and an i64 to work in. */
  readonly amount: number
  readonly fuel: number
  /** Code that leaves the present size. */
  readonly size: readonly number[]
  /** Units of fuel for one. */
  readonly unit: number
  readonly max: number
}

/** −1 at once if the maximum would be passed; otherwise the charge. */
function writeGrow(code: Writer, layout: Layout, { amount, fuel, size, unit, max }: Growth): void {
  code.put(OP.localGet, amount, OP.i64ExtendI32U, ...size, OP.i64ExtendI32U, OP.i64Add, OP.i64Const)
  code.signed(max)
  code.put(OP.i64GtU, OP.if, EMPTY, OP.i32Const, 0x7f, OP.return, OP.end)
  writeCharge(code, layout, fuel, (cost) => writeProduct(cost, amount, unit))
}

/** With the result of the engine's own instruction on the stack. */
function finishGrow(code: Writer, layout: Layout, result: number): void {
  code.put(OP.localTee, result, OP.i32Const, 0x7f, OP.i32Eq, OP.if, EMPTY)
  layout.writeStop(code, STATE.hostAbort)
  code.put(OP.end, OP.localGet, result)
}
