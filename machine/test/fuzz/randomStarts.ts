/**
 * Lowered programs of the generator's modules, and states that begin at their functions: for comparing ways to make
 * steps. Each state is one that a call from `halt` could have made.
 */

import { lower } from '../../src/lower/lower.ts'
import type { Lowered } from '../../src/lower/lowered.ts'
import { instrument } from '../../src/pass/instrument.ts'
import { Dice } from '../../src/random/dice.ts'
import type { MachineState } from '../../src/state/state.ts'
import { firstState } from '../../src/step/firstState.ts'
import { interestingSlot } from '../../src/testing/randomOperands.ts'
import { decodeModule, SECTION } from '../../src/wasm/decodeModule.ts'
import { DEFAULT_LIMITS } from '../../src/wasm/limits.ts'
import { I32, OP } from '../../src/wasm/opcodes.ts'
import { Reader } from '../../src/wasm/reader.ts'
import { Writer } from '../../src/wasm/writer.ts'
import { generateModule } from './generateModule.ts'

export interface RandomStarts {
  readonly lowered: Lowered
  readonly states: readonly MachineState[]
}

/** Slot 0 stands for an operand of whoever called; `halt` is at pc 2. */
const LINK = 2n

export function randomStarts(seed: number): RandomStarts {
  const dice = new Dice(seed)
  const { plain, calls } = generateModule(seed)
  const module = decodeModule(withoutImport(plain), DEFAULT_LIMITS)
  const lowered = lower(instrument(module, DEFAULT_LIMITS, { calls: [], keep: module.exports }))
  const states = calls.map(({ name, params }) => {
    const { index } = module.exports.find((entry) => entry.name === name)!
    const fuel = dice.chance(0.2) ? BigInt(dice.below(500)) : 1n << 40n
    const state = firstState(lowered, new Uint8Array(), { fuel, outputMax: 0n })
    const values = params.map((type) => {
      const value = interestingSlot(dice)
      return type === I32 ? BigInt.asUintN(32, value) : value
    })
    const stack = BigUint64Array.of(0n, ...values, LINK)
    const registers = { ...state.registers, pc: lowered.functions[index]!, fp: 1, sp: stack.length }
    if (dice.chance(0.2)) registers.depth = dice.below(500)
    return { ...state, registers, stack: [{ leaf: 0, bytes: new Uint8Array(stack.buffer) }] }
  })
  return { lowered, states }
}

/** What the generator's only import becomes: a function that gives 0. */
export function withoutImport(bytes: Uint8Array): Uint8Array {
  const out = new Writer(bytes.length + 16)
  const reader = new Reader(bytes, 8)
  out.copy(bytes, 0, 8)
  let type = 0
  while (reader.pos < bytes.length) {
    const start = reader.pos
    const id = reader.u8()
    const end = reader.u32() + reader.pos
    if (id === SECTION.import) {
      reader.u32()
      for (let i = 0; i < 2; i++) reader.name()
      reader.u8()
      type = reader.u32()
    } else if (id === SECTION.function || id === SECTION.code) {
      const content = new Writer()
      content.u32(reader.u32() + 1)
      if (id === SECTION.function) content.u32(type)
      else content.put(4, 0, OP.i32Const, 0, OP.end)
      content.copy(bytes, reader.pos, end)
      out.section(id, content)
    } else {
      out.copy(bytes, start, end)
    }
    reader.pos = end
  }
  return out.finish()
}
