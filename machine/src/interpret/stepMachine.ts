import type { Lowered } from '../lower/lowered.ts'
import { MACHINE_STATUS, type MachineState, type Registers } from '../state/state.ts'
import { firstState } from '../step/firstState.ts'
import { type DecodedCode, decode } from './decode.ts'
import { emitInterpreter, type Loops, STOPPED } from './emit.ts'
import { SEQUENCES } from './frequent.gen.ts'
import { CODE, PRIVATE } from './layout.ts'
import { Memories } from './memories.ts'
import { doRare } from './rare.ts'
import { Sequences } from './sequences.ts'

/**
 * Steps of one call of a loop. V8 changes to better code when a function is called, not while it runs; and in bytes
 * of code they are counted in 32 bits.
 */
const STEPS_OF_CALL = 1 << 22

const sequences = new Sequences(SEQUENCES)
let compiled: WebAssembly.Module | undefined

/** Who restores a program's machine once will do it again. */
const decoded = new WeakMap<Lowered, DecodedCode>()

function decodedOf(lowered: Lowered): DecodedCode {
  const code = decoded.get(lowered) ?? decode(lowered, sequences)
  decoded.set(lowered, code)
  return code
}

export interface StepLimits {
  readonly fuel: bigint
  readonly outputMax: number
}

/**
 * Runs lowered code of a program that the pass made to any step exactly. Code that no pass made can do what
 * it likes within its state; the reference is for that.
 */
export class StepMachine {
  readonly memories: Memories
  readonly #lowered: Lowered
  readonly #loops: Loops
  readonly #view: DataView
  /** Steps that the fast loop can do beyond those that it was given. */
  readonly #margin: number
  #steps = 0n

  /** @throws {HostAbortError} where the host cannot give memory */
  constructor(lowered: Lowered, input: Uint8Array, limits: StepLimits, from?: MachineState) {
    const outputMax = BigInt(limits.outputMax)
    const state = from ?? firstState(lowered, input, { fuel: limits.fuel, outputMax })
    const { layout, words, constants, straight } = decodedOf(lowered)
    this.#lowered = lowered
    this.memories = new Memories(lowered, layout, state)
    const { machine, guests } = this.memories
    this.#view = new DataView(machine.buffer)
    // One more for what a jump does at its target.
    this.#margin = straight + 1
    new Int32Array(machine.buffer, CODE).set(words)
    new BigUint64Array(machine.buffer, layout.constants).set(constants)
    new Uint16Array(machine.buffer, PRIVATE.kinds).set(sequences.firstKinds)
    for (const [i, address] of layout.tables.entries()) {
      this.#view.setUint32(PRIVATE.tables + 8 * i, address, true)
      this.#view.setUint32(PRIVATE.tables + 8 * i + 4, layout.tableSizes + 8 * i, true)
    }
    compiled ??= new WebAssembly.Module(emitInterpreter(SEQUENCES))
    const memory = { machine, module: guests[0], library: guests[1] }
    this.#loops = new WebAssembly.Instance(compiled, { memory }).exports as unknown as Loops
  }

  /**
   * A machine that goes on from a state.
   *
   * @param steps how many were done before
   */
  static restore(lowered: Lowered, state: MachineState, steps: bigint): StepMachine {
    const { fuel, outputMax } = state.registers
    const machine = new StepMachine(lowered, state.input, { fuel, outputMax: Number(outputMax) }, state)
    machine.#steps = steps
    return machine
  }

  /** Steps done. */
  get steps(): bigint {
    return this.#steps
  }

  /** A copy. */
  get registers(): Registers {
    return this.memories.registers
  }

  /** Views, until it runs on. */
  state(): MachineState {
    return this.memories.state()
  }

  /** Whoever ran other code on the same memories says how many steps there are now. */
  resumeAt(steps: bigint): void {
    this.#steps = steps
  }

  /** Runs until `step` steps are done in all, or a final state. */
  runTo(step: bigint): void {
    while (this.#steps < step && this.memories.status === MACHINE_STATUS.running) {
      const left = Number(min(step - this.#steps, BigInt(STEPS_OF_CALL)))
      const fast = left - this.#margin
      if (fast > 0) this.#loop('fast', fast, left)
      else this.#loop('exact', left, left)
    }
  }

  /** @param left how many steps may be done, of which the loop gets `given` */
  #loop(name: keyof Loops, given: number, left: number): void {
    const why = this.#loops[name](given)
    const done = given - this.#view.getInt32(PRIVATE.left, true)
    this.#steps += BigInt(done)
    if (why === STOPPED.budget) return
    if (left === done) return
    const rare = this.#rare(left - done)
    if (rare > 0) this.#steps += BigInt(rare)
    else if (name === 'exact') this.#trap()
    // Of a sequence that cannot be done at once, a part can.
    else this.#loop('exact', 1, 1)
  }

  #rare(left: number): number {
    const at = 8 * this.memories.pc
    const { code } = this.#lowered
    // Zeros follow, which trap.
    if (at >= code.length) return 0
    const view = new DataView(code.buffer, code.byteOffset + at, 8)
    const low = view.getUint32(0, true)
    return doRare(this.memories, low & 255, { a: low >>> 8, b: view.getUint32(4, true) }, left)
  }

  #trap(): void {
    const { stop } = this.memories
    const reasons: Readonly<Record<number, number>> = {
      2: MACHINE_STATUS.outOfFuel,
      3: MACHINE_STATUS.stackExhausted,
    }
    this.memories.status = reasons[stop] ?? MACHINE_STATUS.trapped
    this.#steps++
  }
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}
