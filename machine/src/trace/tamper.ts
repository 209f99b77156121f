/**
 * Machines that are dishonest on purpose, for tests and for whoever shows what becomes of a liar: one state of a run is
 * not what it should be, and the run goes on from there by real steps, to an ending of its own.
 */
import { StepMachine } from '../interpret/stepMachine.ts'
import { LEAF_BYTES } from '../io/merkle.ts'
import { INSTRUCTION_BYTES, instructionAt, instructionOf } from '../isa/encoding.ts'
import { INSTRUCTIONS } from '../isa/instructions.ts'
import { Dice } from '../random/dice.ts'
import { HostAbortError } from '../run/errors.ts'
import { PAGE_BYTES } from '../state/page.ts'
import { type Contents, MACHINE_STATUS, type MachineState, SLOTS } from '../state/state.ts'
import { ProgramTrees } from '../state/stateTrees.ts'
import { type Difference, firstDifference } from './difference.ts'
import { END, type Origin, Rerun, type RerunOptions, STRETCH } from './rerun.ts'

export const TAMPER_FIELDS = [
  'register',
  'stack',
  'memory',
  'global',
  'fuel',
  'output',
  'code',
  'input',
  'steps',
  'status',
] as const

export type TamperField = (typeof TAMPER_FIELDS)[number]

export interface Tamper {
  /** The state after so many steps is altered; the last one, where there are fewer. */
  readonly step: bigint
  /**
   * What is altered there. Code and input stay so. `steps`: it is the state of another step, but for the fuel; so steps
   * are left out that nobody pays for, or are made and paid for again. Where a state has nothing of the kind, as a
   * program without globals, it is a register.
   */
  readonly field: TamperField
  /** Which one, and to what. */
  readonly seed: number
}

/** What a run goes on from. */
type Altered = Pick<Origin, 'lowered'> & { readonly state: MachineState }
type Alter = (from: Altered, dice: Dice, origin: Origin) => Altered | undefined

const SLOT_BYTES = 8
/** A slot of the stack that is altered lies among these, where it matters. */
const NEAR_TOP = 8
/** Likewise an instruction, behind the next one. */
const NEAR_PC = 64
const MOST_STEPS_APART = 1_000
/** A lie that runs on for longer, of the honest run's length, is none that anybody would tell. */
const MOST_LONGER = 4n

const FIELDS: Readonly<Record<Exclude<TamperField, 'steps'>, Alter>> = {
  register: alterRegister,

  stack: ({ state, lowered }, dice) => {
    const { sp } = state.registers
    if (sp === 0) return undefined
    const slot = sp - 1 - (dice.chance(0.5) ? 0 : dice.below(Math.min(NEAR_TOP, sp)))
    return { lowered, state: { ...state, stack: flip(state.stack, slot * SLOT_BYTES + dice.below(4), dice) } }
  },

  memory: ({ state, lowered }, dice, { program }) => {
    if (state.memory.length === 0) return undefined
    // What was written is more likely to be read.
    const first = new Set(program.memory.contents.map(({ bytes }) => bytes.buffer))
    const written = state.memory.filter(({ bytes }) => !first.has(bytes.buffer))
    const { leaf, bytes } = dice.pick(written.length > 0 ? written : state.memory)
    const at = dice.below(bytes.length)
    const near = bytes.findIndex((byte, i) => i >= at && byte !== 0)
    const found = leaf * LEAF_BYTES + (near < 0 ? at : near)
    return { lowered, state: { ...state, memory: flip(state.memory, found, dice) } }
  },

  global: ({ state, lowered }, dice) => {
    const { globals } = lowered
    if (globals.length === 0) return undefined
    const slot = SLOTS.globals + dice.below(globals.length)
    return { lowered, state: { ...state, slots: flip(state.slots, slot * SLOT_BYTES, dice) } }
  },

  fuel: ({ state, lowered }, dice, { limits }) => {
    if (limits.fuel === 0n) return undefined
    const { registers } = state
    const fuel = (registers.fuel + 1n + (dice.bits(62) % limits.fuel)) % (limits.fuel + 1n)
    return { lowered, state: { ...state, registers: { ...registers, fuel } } }
  },

  output: ({ state, lowered }, dice) => {
    const { outputLength } = state.registers
    const length = Number(outputLength)
    if (length > 0 && dice.chance(0.7)) {
      return { lowered, state: { ...state, output: flip(state.output, dice.below(length), dice) } }
    }
    const registers = { ...state.registers, outputLength: outputLength + 1n }
    return { lowered, state: { ...state, registers, output: flip(state.output, length, dice) } }
  },

  code: ({ state, lowered }, dice) => {
    const last = lowered.code.length / INSTRUCTION_BYTES
    const first = state.registers.pc + dice.below(NEAR_PC)
    for (let pc = first; pc < last; pc++) {
      const other = otherInstruction(instructionAt(lowered.code, pc), dice)
      if (other === undefined) continue
      const code = lowered.code.slice()
      new DataView(code.buffer).setBigUint64(pc * INSTRUCTION_BYTES, other, true)
      return { lowered: { ...lowered, code }, state }
    }
    return undefined
  },

  input: ({ state, lowered }, dice) => {
    const input = state.input.length === 0 ? new Uint8Array(1) : state.input.slice()
    const at = dice.below(input.length)
    input[at] = input[at]! ^ dice.between(1, 255)
    return { lowered, state: { ...state, input } }
  },

  status: ({ state, lowered }, dice) => {
    const { registers } = state
    const others = Object.values(MACHINE_STATUS).filter((status) => status !== registers.status)
    const status =
      registers.status === MACHINE_STATUS.running ? dice.pick(others) : dice.pick(others.slice(1))
    return { lowered, state: { ...state, registers: { ...registers, status } } }
  },
}

/** A run from an altered state on, and what was altered. */
export interface AlteredRun {
  readonly step: bigint
  readonly rerun: Rerun
  readonly difference: Difference | undefined
}

/** What a dishonest machine's run comes to. */
export interface Outcome {
  readonly steps: bigint
  /** As a result says it. */
  readonly status: number
  readonly fuelUsed: bigint
  readonly output: Uint8Array
}

/** Finds the ends of both runs, so that the same comes of it whatever is asked later. */
export async function alter(honest: Rerun, tamper: Tamper, options: RerunOptions): Promise<AlteredRun> {
  const { at, most, other, from, altered } = await alterState(honest, tamper)
  return {
    step: at,
    rerun: await goOn(honest.origin, altered, { at, most, options }),
    difference:
      tamper.field === 'steps'
        ? { place: 'step', was: String(at), is: String(other) }
        : firstDifference(withCode(from), withCode(altered)),
  }
}

/** Only to the end, and nothing hashed: to choose among many. Undefined where the run goes astray. */
export async function tryOut(
  honest: Rerun,
  tamper: Tamper,
  { signal }: RerunOptions,
): Promise<Outcome | undefined> {
  const { at, most, altered } = await alterState(honest, tamper)
  const machine = StepMachine.restore(altered.lowered, altered.state, at)
  while (machine.steps < most && machine.registers.status === MACHINE_STATUS.running) {
    try {
      machine.runTo(machine.steps + STRETCH < most ? machine.steps + STRETCH : most)
    } catch (error) {
      if (error instanceof HostAbortError) throw error
      return undefined
    }
    await new Promise((resolve) => setTimeout(resolve))
    signal?.throwIfAborted()
  }
  const { status, fuel } = machine.registers
  if (status === MACHINE_STATUS.running || fuel > honest.origin.limits.fuel) return undefined
  return {
    steps: machine.steps,
    status: status - 1,
    fuelUsed: honest.origin.limits.fuel - fuel,
    output: machine.memories.output.bytes().slice(),
  }
}

async function alterState(honest: Rerun, { step, field, seed }: Tamper) {
  const end = (await honest.goTo(END)).step
  const at = step < end ? step : end
  const dice = new Dice(seed)
  const { origin } = honest
  const { fuel } = (await honest.goTo(at)).registers
  const other = field === 'steps' ? elsewhere(at, end, dice) : at
  await honest.goTo(other)
  const from: Altered = { lowered: origin.lowered, state: honest.trees.state }
  const altered =
    field === 'steps'
      ? { ...from, state: { ...from.state, registers: { ...from.state.registers, fuel } } }
      : (FIELDS[field](from, dice, origin) ?? alterRegister(from, dice))
  return { at, most: at + MOST_LONGER * end, other, from, altered }
}

function withCode({ lowered: { code }, state }: Altered): MachineState {
  return { ...state, code: [{ leaf: 0, bytes: code }] }
}

async function goOn(
  origin: Origin,
  altered: Altered,
  { at, most, options }: { at: bigint; most: bigint; options: RerunOptions },
): Promise<Rerun> {
  const begin = (state: MachineState) => {
    const { lowered } = altered
    // As the machine has it: of the stack, live slots only.
    const first = StepMachine.restore(lowered, state, at).state()
    const isSame = lowered === origin.lowered
    const program = isSame ? origin.program : new ProgramTrees(first)
    const { limits } = origin
    return new Rerun({ lowered, program, limits, first, firstStep: at }, options)
  }
  const rerun = begin(altered.state)
  try {
    await rerun.goTo(most)
    const { fuel } = rerun.trees.registers
    // No result can say that less than nothing was used.
    if (rerun.end !== undefined && fuel <= origin.limits.fuel) return rerun
  } catch (error) {
    // The machine is made for what the pass made, and may go astray anywhere.
    if (options.signal?.aborted || error instanceof HostAbortError) throw error
  }
  const registers = { ...altered.state.registers, status: MACHINE_STATUS.trapped }
  return begin({ ...altered.state, registers })
}

function elsewhere(at: bigint, end: bigint, dice: Dice): bigint {
  const apart = BigInt(dice.between(1, MOST_STEPS_APART))
  const isLater = dice.chance(0.5)
  if ((isLater || at === 0n) && at < end) return at + apart < end ? at + apart : end
  return at > apart ? at - apart : 0n
}

function alterRegister({ state, lowered }: Altered, dice: Dice): Altered {
  const { registers } = state
  const { pc, sp, fp, aux, depth, stop } = registers
  const changes = [
    { pc: pc + dice.between(1, NEAR_PC) },
    { sp: sp > 0 && dice.chance(0.5) ? sp - 1 : sp + 1 },
    { fp: fp > 0 && dice.chance(0.5) ? fp - 1 : fp + 1 },
    { aux: aux + 1 },
    { depth: dice.chance(0.5) ? depth - 1 : dice.below(depth) },
    { stop: stop === 2 ? 3 : 2 },
  ]
  return { lowered, state: { ...state, registers: { ...registers, ...dice.pick(changes) } } }
}

/** Another one that takes and leaves as many slots. */
function otherInstruction(word: bigint, dice: Dice): bigint | undefined {
  const instruction = instructionOf(Number(word & 0xffn))
  if (instruction === undefined) return undefined
  // Its lowest bits, which are those of the value.
  if (instruction.name === 'const') return word ^ (BigInt(dice.between(1, 255)) << 8n)
  if (instruction.class !== 'integer') return undefined
  const others = INSTRUCTIONS.filter(
    (other) => other.class === 'integer' && other.pops === instruction.pops && other !== instruction,
  )
  return (word & ~0xffn) | BigInt(dice.pick(others).opcode)
}

/** A byte of the region becomes another one. */
function flip(contents: Contents, at: number, dice: Dice): Contents {
  const leaf = Math.floor(at / PAGE_BYTES) * (PAGE_BYTES / LEAF_BYTES)
  const bytes = new Uint8Array(PAGE_BYTES)
  // Contents of trees are whole pages.
  const old = contents.find((extent) => extent.leaf === leaf)
  if (old) bytes.set(old.bytes)
  bytes[at % PAGE_BYTES]! ^= dice.between(1, 255)
  const others = contents.filter((extent) => extent !== old)
  return [...others, { leaf, bytes }].sort((a, b) => a.leaf - b.leaf)
}
