/** Canonical programs that run functions of the generator's modules, from their first step to their end. */
import { libraryFor } from '../../src/link/library.ts'
import { instrument } from '../../src/pass/instrument.ts'
import { Dice } from '../../src/random/dice.ts'
import { interestingSlot } from '../../src/testing/randomOperands.ts'
import { decodeModule, SECTION } from '../../src/wasm/decodeModule.ts'
import { DEFAULT_LIMITS } from '../../src/wasm/limits.ts'
import type { Module } from '../../src/wasm/module.ts'
import { I32, OP } from '../../src/wasm/opcodes.ts'
import { Reader } from '../../src/wasm/reader.ts'
import { Writer } from '../../src/wasm/writer.ts'
import { generateModule } from './generateModule.ts'
import { withoutImport } from './randomStarts.ts'

export interface RandomProgram {
  readonly canonical: Uint8Array
  readonly fuel: bigint
}

/** One program for each export of a module but an endless one: it calls that first, and then some others. */
export function randomPrograms(seed: number): RandomProgram[] {
  const dice = new Dice(seed)
  const { plain, calls } = generateModule(seed)
  const bytes = withoutImport(plain)
  const module = decodeModule(bytes, DEFAULT_LIMITS)
  const drivers = calls.map((first) => {
    const called = [first, ...Array.from({ length: dice.below(3) }, () => dice.pick(calls))]
    return driver(dice, module, called)
  })
  const driven = decodeModule(withDrivers(bytes, module, drivers), DEFAULT_LIMITS)
  return drivers.map((_, i) => ({
    canonical: instrument(driven, DEFAULT_LIMITS, {
      calls: [...(module.start ? [module.start.index] : []), module.functions.length + i],
      library: libraryFor(driven),
    }),
    fuel: dice.chance(0.2) ? BigInt(dice.below(500)) : 1n << 40n,
  }))
}

/** A body without parameters and results. */
function driver(
  dice: Dice,
  module: Module,
  calls: readonly { readonly name: string; readonly params: readonly number[] }[],
): Writer {
  const body = new Writer()
  body.u32(0)
  for (const { name, params } of calls) {
    const { index } = module.exports.find((entry) => entry.name === name)!
    for (const type of params) {
      body.u8(type === I32 ? OP.i32Const : OP.i64Const)
      const value = interestingSlot(dice)
      if (type === I32) body.signed(Number(BigInt.asIntN(32, value)))
      else writeI64(body, BigInt.asIntN(64, value))
    }
    body.u8(OP.call)
    body.u32(index)
    const { results } = module.types[module.functions[index]!]!
    for (const _ of results) body.u8(OP.drop)
  }
  body.u8(OP.end)
  return body
}

function writeI64(out: Writer, value: bigint): void {
  let rest = value
  for (;;) {
    const byte = Number(rest & 127n)
    rest >>= 7n
    if ((rest === 0n && byte < 64) || (rest === -1n && byte >= 64)) {
      out.u8(byte)
      return
    }
    out.u8(byte | 128)
  }
}

/** Functions behind those of the module. */
function withDrivers(bytes: Uint8Array, module: Module, drivers: readonly Writer[]): Uint8Array {
  const out = new Writer(bytes.length + 4_096)
  const reader = new Reader(bytes, 8)
  out.copy(bytes, 0, 8)
  while (reader.pos < bytes.length) {
    const start = reader.pos
    const id = reader.u8()
    const end = reader.u32() + reader.pos
    const more = (count: number, write: (content: Writer) => void) => {
      const content = new Writer()
      content.u32(reader.u32() + count)
      content.copy(bytes, reader.pos, end)
      write(content)
      out.section(id, content)
    }
    if (id === SECTION.type) more(1, (content) => content.put(0x60, 0, 0))
    else if (id === SECTION.function) {
      more(drivers.length, (content) => {
        for (const _ of drivers) content.u32(module.types.length)
      })
    } else if (id === SECTION.code) {
      more(drivers.length, (content) => {
        for (const driver of drivers) {
          content.u32(driver.length)
          content.append(driver)
        }
      })
    } else out.copy(bytes, start, end)
    reader.pos = end
  }
  return out.finish()
}
