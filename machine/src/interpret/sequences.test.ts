// Every handler, of single instructions and of sequences, beside the reference.
import { describe, expect, it } from 'vitest'
import { assemble, encode } from '../isa/encoding.ts'
import { INSTRUCTIONS } from '../isa/instructions.ts'
import type { InstructionName } from '../isa/opcode.gen.ts'
import type { Lowered } from '../lower/lowered.ts'
import { Dice } from '../random/dice.ts'
import { ReferenceMachine } from '../step/referenceMachine.ts'
import { interestingSlot } from '../testing/randomOperands.ts'
import { differenceOf } from '../testing/sameState.ts'
import { SEQUENCES } from './frequent.gen.ts'
import { KINDS } from './kinds.ts'
import { CODE, REGISTER, STACK } from './layout.ts'
import { StepMachine } from './stepMachine.ts'

const seed = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31))
const ROUNDS = process.env.MILLRACE_DEEP ? 300 : 3

const HALT = encode('halt')
const PARAMETERS = 3
const LOCALS = 4
/** Slots of whoever called, then the frame's. */
const BELOW = 8
const OPERANDS = 24
const TYPE = 5
const PAGE = 0x10000

/** Code that jumps and calls go to: a mark on the stack, and the end. */
const TARGETS = { mark: 3, call: 5, enter: 6, code: 8 }
const PREFIX = [
  encode('unreachable'),
  HALT,
  HALT,
  encode('const', 111n),
  HALT,
  HALT,
  encode('enter', 7),
  HALT,
]

const ALL = [...KINDS.map((kind) => [kind]), ...SEQUENCES].filter(([kind]) => kind !== 'slow')

/** Tried more often: they have more edges. */
const NUMERIC = ALL.filter(({ length, 0: kind }) => length === 1 && /^[if]\d\d\.\w+$/.test(kind!))
const CASES = [...ALL, ...NUMERIC, ...NUMERIC, ...NUMERIC, ...NUMERIC]

/** One program each: the reference copies a program's state for every case. */
const CASES_OF_PART = 150
const PARTS = Array.from({ length: Math.ceil(CASES.length / CASES_OF_PART) }, (_, i) => i)

/** An instruction of that kind; a jump table comes with its jumps. */
function instructions(dice: Dice, kind: string, next: string | undefined): bigint[] {
  const [name, ...memories] = kind.split(' ') as [InstructionName, ...string[]]
  const [memory = 0, from = 0] = memories.map((memory) => (memory === 'library' ? 1 : 0))
  const local = () => dice.pick([0, 1, 2, PARAMETERS + 1, PARAMETERS + LOCALS])
  switch (kind) {
    case 'br':
    case 'br_if':
    case 'br_unless':
      return [encode(kind, TARGETS.mark)]
    case 'br_table':
      return [encode(kind, 2), encode('br', TARGETS.mark), encode('br', TARGETS.call), encode('br', 1)]
    case 'return':
    case 'return_one':
      return [encode(kind, PARAMETERS)]
    case 'call':
      return [encode(kind, dice.below(4), TARGETS.call)]
    case 'call.enter':
      return [encode('call', dice.below(4), TARGETS.enter)]
    case 'call_indirect':
      return [encode(kind, dice.below(4), 2 ** 24 + TYPE)]
    case 'local.get':
      return [encode(kind, next === 'return_link' ? PARAMETERS : local())]
    case 'local.set':
    case 'local.tee':
      return [encode(kind, local())]
    case 'const':
      return [encode(kind, BigInt.asIntN(32, interestingSlot(dice)))]
    case 'const.unsigned':
      return [encode('const', 2n ** 31n + dice.bits(31))]
    case 'const.wide':
      if (next === 'const.low' || dice.chance(0.5)) return [encode('const.high', dice.bits(56))]
      return [encode('const', (1n << 40n) + dice.bits(40))]
    case 'const.low':
      return [encode(kind, dice.below(256))]
    case 'global.get':
    case 'global.set':
      if (dice.chance(0.8)) return [encode(kind, dice.below(3))]
      return [encode(kind === 'global.get' ? 'register.get' : 'register.set', 0)]
    case 'stop.set':
      return [encode('register.set', 1)]
    case 'depth.set':
      return [encode('register.set', 2)]
    case 'enter':
      return [encode(kind, 1 + dice.below(9))]
    case 'slide.none':
    case 'slide.one':
    case 'slide':
      return [encode('slide', { 'slide.none': 0, 'slide.one': 1, slide: 3 }[kind], 1 + dice.below(5))]
  }
  if (name === 'memory.size' || name === 'memory.fill') return [encode(name, memory)]
  if (name === 'memory.copy') return [encode(name, memory + 2 * from)]
  const { layout } = INSTRUCTIONS.find((each) => each.name === name)!
  const offset = dice.pick([0, 0, dice.below(100), PAGE - dice.below(20), 2 ** 32 - 1])
  return [layout === 'ab' ? encode(name, memory, offset) : encode(name)]
}

function programOf(
  dice: Dice,
  cases: readonly (readonly string[])[],
): { lowered: Lowered; starts: number[] } {
  const code = [...PREFIX]
  const starts = cases.map((sequence) => {
    const start = code.length
    for (const [i, kind] of sequence.entries()) code.push(...instructions(dice, kind, sequence[i + 1]))
    code.push(HALT)
    return start
  })
  const reference = (type: number) => (BigInt(type) << 32n) + BigInt(TARGETS.call) + 1n
  const lowered: Lowered = {
    code: assemble(code),
    pages: [1, 1],
    maxPages: [1, 1],
    globals: BigUint64Array.from({ length: 3 }, () => interestingSlot(dice)),
    tables: [
      { max: 2, elements: BigUint64Array.of(reference(TYPE)) },
      { max: 9, elements: BigUint64Array.of(reference(TYPE), 1n, reference(TYPE + 1), 1n) },
    ],
    elements: new BigUint64Array(),
    elementLengths: new BigUint64Array(),
    data: new Uint8Array(),
    dataLengths: new BigUint64Array(),
    image: [],
    functions: new Uint32Array(),
  }
  return { lowered, starts }
}

/** NaNs and infinities in either half. */
const SPECIAL = [0x7fc0_0001n, 0xff80_0000n, 0x7f80_0000n, 0xffa0_0000n].flatMap((bits) => [
  bits,
  bits << 32n,
  (bits & 0xfff0_0000n) << 32n,
])

/** A frame of random locals and operands; many of them are small, so that they are addresses. */
function fillStack(dice: Dice, machine: StepMachine, sequence: readonly string[]): number {
  const { slots } = machine.memories
  const count = BELOW + PARAMETERS + 1 + LOCALS + OPERANDS
  const link = (2n << 32n) | BigInt(TARGETS.mark)
  for (let i = 0; i < count; i++) {
    const operand = dice.pick([
      () => BigInt(dice.below(PAGE + 10)),
      () => interestingSlot(dice),
      () => (dice.chance(0.3) ? dice.pick(SPECIAL) : interestingSlot(dice)),
    ])()
    slots[STACK / 8 + i] = i === BELOW + PARAMETERS ? link : operand
  }
  const top = STACK / 8 + count - 1
  // What an honest program has there.
  if (sequence[0] === 'return_link') slots[top] = link
  if (sequence[0] === 'call_indirect' || sequence[0] === 'br_table') slots[top] = BigInt(dice.below(6))
  if (/^memory.(fill|copy)/.test(sequence[0]!) && dice.chance(0.9)) {
    for (let i = 0; i < 3; i++) slots[top - i] = BigInt(dice.below(dice.pick([3, 100, 20_000])))
  }
  return count
}

describe(`${ALL.length} handlers (FUZZ_SEED=${seed})`, () => {
  it.each(PARTS)('do what the reference does, part %i', (part) => {
    const cases = CASES.slice(part * CASES_OF_PART, (part + 1) * CASES_OF_PART)
    for (let round = 0; round < ROUNDS; round++) compare(new Dice(seed + part * ROUNDS + round), cases)
  })
})

function compare(dice: Dice, cases: readonly (readonly string[])[]): void {
  const { lowered, starts } = programOf(dice, cases)
  const limits = { fuel: interestingSlot(dice), outputMax: 0 }
  const machine = new StepMachine(lowered, new Uint8Array(), limits)
  for (const memory of [0, 1]) machine.memories.guest(memory).set(dice.bytes(PAGE))
  const registers = new DataView(machine.memories.machine.buffer)
  const set = (name: 'pc' | 'sp' | 'fp' | 'status' | 'stop', value: number) =>
    registers.setUint32(REGISTER[name], value, true)
  for (const [i, sequence] of cases.entries()) {
    const handler = registers.getUint16(CODE + 8 * starts[i]!, true)
    expect(KINDS.length > handler ? [KINDS[handler]] : SEQUENCES[handler - KINDS.length]).toEqual(sequence)
    set('pc', starts[i]!)
    set('fp', BELOW)
    set('sp', fillStack(dice, machine, sequence))
    set('stop', dice.pick([0, 2, 3, 255]))
    set('status', 0)
    machine.resumeAt(0n)
    const reference = new ReferenceMachine(machine.state())
    while (reference.registers.status === 0) reference.step()
    machine.runTo(2n ** 40n)
    const name = sequence.join(', ')
    expect(machine.steps, name).toBe(reference.steps)
    expect(differenceOf(machine.state(), reference.state()), name).toBeUndefined()
  }
}
