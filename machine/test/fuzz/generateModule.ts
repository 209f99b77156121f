/**
 * Modules of every construct that the machine takes, valid and sure to end: blocks of many values, loops, br_table,
 * indirect calls, bulk memory, tables, globals, traps, recursion, and NaNs of all bits flowing through it all.
 */

import { Dice } from '../../src/random/dice.ts'
import { SECTION } from '../../src/wasm/decodeModule.ts'
import { KIND } from '../../src/wasm/module.ts'
import { F32, F64, FUNCREF, I32, I64, OP } from '../../src/wasm/opcodes.ts'
import { BodyGenerator, type Kind } from './bodyGenerator.ts'
import { BUDGET, DEPTH, NUMBERS, type Signature, type Surroundings, TYPES } from './surroundings.ts'
import { Twin } from './twin.ts'

/** One module twice, and what to call of it. */
export interface Specimen {
  /** For the pass. */
  readonly plain: Uint8Array<ArrayBuffer>
  /** For V8 as it is: the same, with each NaN made canonical where it arises. */
  readonly reference: Uint8Array<ArrayBuffer>
  /** Exports over i32 and i64 alone, since JavaScript may change a float's bits. */
  readonly calls: readonly { readonly name: string; readonly params: readonly number[] }[]
  /** Whether {@link ENDLESS_EXPORT} is there. */
  readonly endless: boolean
}

/** An export without parameters that gives the globals' bits. */
export const GLOBALS_EXPORT = 'globals'
/** An export that calls itself without end. */
export const ENDLESS_EXPORT = 'endless'

const BUDGET_OF_A_CALL = 200
/** Of at least as many elements as a masked index can name. */
const TABLE_SIZES = [12, 8]
const AS_BITS: Readonly<Record<number, number>> = { [F32]: I32, [F64]: I64 }
const FROM_BITS: Readonly<Record<number, number>> = {
  [F32]: OP.f32ReinterpretI32,
  [F64]: OP.f64ReinterpretI64,
}
const TO_BITS: Readonly<Record<number, number>> = { [F32]: OP.i32ReinterpretF32, [F64]: OP.i64ReinterpretF64 }

/** The import that every module has: `m.log (i32, i64) -> i32`. */
const LOG: Signature = { params: [I32, I64], results: [I32] }

interface Plan {
  readonly kind: Kind
  readonly signature: Signature
}

export function generateModule(seed: number): Specimen {
  const dice = new Dice(seed)
  const types: Signature[] = []
  const typeIndex = (params: readonly number[], results: readonly number[]): number => {
    const key = `${params}>${results}`
    const found = types.findIndex((type) => `${type.params}>${type.results}` === key)
    return found >= 0 ? found : types.push({ params, results }) - 1
  }

  // Floats among themselves, where a NaN is not lost at once.
  const favourites = dice.chance(0.35) ? [F32, F64] : TYPES
  const plans = Array.from(
    { length: 3 + dice.below(8) },
    (): Plan => ({
      kind: dice.chance(0.3) ? 'leaf' : 'guarded',
      signature: { params: some(dice, favourites, 4), results: some(dice, favourites, 3) },
    }),
  )
  const globals = [
    { type: I32, mutable: true },
    { type: I32, mutable: true },
    ...NUMBERS.map((type) => ({ type, mutable: true })),
    ...some(dice, TYPES, 4).map((type) => ({ type, mutable: dice.chance(0.6) })),
  ]
  const callable = plans.map(({ signature }, i) => ({ index: i + 1, signature }))
  const around: Surroundings = {
    favourites,
    signatures: plans.map(({ signature }) => signature),
    callable: [{ index: 0, signature: LOG }, ...callable],
    globals,
    tables: TABLE_SIZES.slice(0, 1 + dice.below(2)),
    dataSegments: 2,
    elementSegments: 2,
    typeIndex,
  }

  const entries = plans.map(({ kind, signature }) => ({
    signature,
    body: new BodyGenerator(dice, around, signature, kind, 60 + dice.below(200)).write(),
  }))
  const exports: { name: string; kind: number; index: number }[] = []
  const calls: { name: string; params: readonly number[] }[] = []
  const add = (name: string, signature: Signature, body: Twin) => {
    entries.push({ signature, body })
    exports.push({ name, kind: KIND.function, index: entries.length })
  }
  for (const { index, signature } of callable) {
    const bits = asBits(signature)
    // A reference passes as null, and comes back as whether it is null.
    add(`f${index}`, bits, wrapper(index, signature))
    calls.push({ name: `f${index}`, params: bits.params })
  }
  add(GLOBALS_EXPORT, { params: [], results: globals.map(({ type }) => bitsOf(type)) }, globalsBody(globals))
  const endless = dice.chance(0.25)
  if (endless) add(ENDLESS_EXPORT, { params: [], results: [I64] }, endlessBody(entries.length + 1, dice))
  const start = dice.chance(0.3)
    ? plans.findIndex(({ signature: s }) => s.params.length + s.results.length === 0)
    : -1
  // A reference must be declared somewhere: by exports of the functions themselves, or by a segment.
  const declaredByExport = dice.chance(0.5)
  const all = [0, ...callable.map(({ index }) => index)]
  if (declaredByExport)
    for (const index of all) exports.push({ name: `own${index}`, kind: KIND.function, index })
  exports.push({ name: 'memory', kind: KIND.memory, index: 0 })

  const module = new Twin()
  module.put(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00)
  const indices = entries.map(({ signature }) => typeIndex(signature.params, signature.results))
  const log = typeIndex(LOG.params, LOG.results)
  section(module, SECTION.type, types, (out, type) => {
    out.put(0x60)
    for (const list of [type.params, type.results]) {
      out.u32(list.length)
      out.put(...list)
    }
  })
  section(module, SECTION.import, [log], (out, type) => {
    name(out, 'm')
    name(out, 'log')
    out.indexed(KIND.function, type)
  })
  section(module, SECTION.function, indices, (out, index) => out.u32(index))
  section(module, SECTION.table, around.tables, (out, size) => out.put(FUNCREF, 1, size, size + 6))
  section(module, SECTION.memory, [1], (out) => out.put(1, 1, 1 + dice.below(3)))
  section(module, SECTION.global, globals, (out, global, i) => {
    out.put(global.type, Number(global.mutable))
    initialise(out, dice, global.type, i, all)
    out.put(OP.end)
  })
  section(module, SECTION.export, exports, (out, entry) => {
    name(out, entry.name)
    out.indexed(entry.kind, entry.index)
  })
  if (start >= 0) sized(module, SECTION.start, (out) => out.u32(start + 1))
  section(
    module,
    SECTION.element,
    ['active', 'passive', ...(declaredByExport ? [] : ['declarative'])],
    (out, mode) => {
      if (mode === 'active') {
        out.put(0)
        out.i32(dice.below(2))
        out.put(OP.end)
      } else {
        out.put(mode === 'passive' ? 1 : 3, 0)
      }
      const listed =
        mode === 'declarative' ? all : Array.from({ length: 3 + dice.below(6) }, () => dice.pick(all))
      out.u32(listed.length)
      for (const index of listed) out.u32(index)
    },
  )
  sized(module, SECTION.dataCount, (out) => out.u32(2))
  section(module, SECTION.code, entries, (out, { body }) => out.sized(body))
  section(module, SECTION.data, ['active', 'passive'], (out, mode) => {
    out.put(mode === 'active' ? 0 : 1)
    if (mode === 'active') {
      out.i32(dice.below(4096))
      out.put(OP.end)
    }
    const bytes = Array.from({ length: dice.below(40) }, () => dice.below(256))
    out.u32(bytes.length)
    out.put(...bytes)
  })
  const finish = (side: 'plain' | 'reference') => module[side].finish() as Uint8Array<ArrayBuffer>
  return { plain: finish('plain'), reference: finish('reference'), calls, endless }
}

const some = (dice: Dice, list: readonly number[], most: number) =>
  Array.from({ length: dice.below(most + 1) }, () => dice.pick(list))

const bitsOf = (type: number) => (type === FUNCREF ? I32 : (AS_BITS[type] ?? type))

const asBits = ({ params, results }: Signature): Signature => ({
  params: params.filter((type) => type !== FUNCREF).map(bitsOf),
  results: results.map(bitsOf),
})

/** Sets the budget, turns bits into floats, calls, and turns floats into bits. */
function wrapper(index: number, { params, results }: Signature): Twin {
  const body = new Twin()
  const bits = asBits({ params, results })
  body.u32(results.length)
  for (const type of results) body.put(1, type)
  for (const [global, value] of [
    [DEPTH, 0],
    [BUDGET, BUDGET_OF_A_CALL],
  ] as const) {
    body.i32(value)
    body.indexed(OP.globalSet, global)
  }
  let parameter = 0
  for (const type of params) {
    if (type === FUNCREF) body.put(OP.refNull, FUNCREF)
    else body.indexed(OP.localGet, parameter++)
    if (FROM_BITS[type]) body.put(FROM_BITS[type])
  }
  body.indexed(OP.call, index)
  for (let i = results.length - 1; i >= 0; i--) body.indexed(OP.localSet, bits.params.length + i)
  for (const [i, type] of results.entries()) {
    body.indexed(OP.localGet, bits.params.length + i)
    toBits(body, type)
  }
  body.put(OP.end)
  return body
}

function toBits(body: Twin, type: number): void {
  if (type === FUNCREF) body.put(OP.refIsNull)
  else if (TO_BITS[type]) body.put(TO_BITS[type])
}

function globalsBody(globals: Surroundings['globals']): Twin {
  const body = new Twin()
  body.u32(0)
  for (const [i, { type }] of globals.entries()) {
    body.indexed(OP.globalGet, i)
    toBits(body, type)
  }
  body.put(OP.end)
  return body
}

/** Calls itself with more or less in its frame, and with work left for after the call. */
function endlessBody(self: number, dice: Dice): Twin {
  const body = new Twin()
  const locals = 1 + dice.below(40)
  body.u32(1)
  body.u32(locals)
  body.put(I64)
  body.indexed(OP.call, self)
  body.indexed(OP.localTee, dice.below(locals))
  body.indexed(OP.localGet, dice.below(locals))
  body.put(OP.i64Add, OP.end)
  return body
}

function initialise(out: Twin, dice: Dice, type: number, index: number, functions: readonly number[]): void {
  if (index === DEPTH) out.i32(0)
  else if (index === BUDGET) out.i32(BUDGET_OF_A_CALL)
  else if (type === FUNCREF && dice.chance(0.6)) out.indexed(OP.refFunc, dice.pick(functions))
  else if (type === I32) out.i32(Number(dice.bits(32)))
  else if (type === I64) out.i64(dice.bits(64))
  else if (type === FUNCREF) out.zero(type)
  else out.bits(type, dice.bits(type === F32 ? 32 : 64))
}

function section<T>(
  module: Twin,
  id: number,
  list: readonly T[],
  write: (out: Twin, entry: T, i: number) => void,
): void {
  sized(module, id, (out) => {
    out.u32(list.length)
    for (const [i, entry] of list.entries()) write(out, entry, i)
  })
}

function sized(module: Twin, id: number, write: (out: Twin) => void): void {
  const content = new Twin()
  write(content)
  module.put(id)
  module.sized(content)
}

function name(out: Twin, text: string): void {
  out.u32(text.length)
  out.put(...new TextEncoder().encode(text))
}
