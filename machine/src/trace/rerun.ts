/**
 * A run that can be taken to any of its steps, again and again. It goes through all of itself once and then in parts:
 * on its way forward it leaves snapshots behind, 32 to 64 of them however long it becomes, evenly and at multiples of a
 * power of two, where the sections of a proof game end.
 */
import { type StepLimits, StepMachine } from '../interpret/stepMachine.ts'
import { hashedBytes } from '../io/hashTree.ts'
import type { Lowered } from '../lower/lowered.ts'
import { ReplayProgram } from '../replay/replay.ts'
import type { PageStore } from '../state/pageStore.ts'
import { MACHINE_STATUS, type MachineState } from '../state/state.ts'
import { ProgramTrees, type Snapshot, StateTrees } from '../state/stateTrees.ts'
import { firstState } from '../step/firstState.ts'
import { Snapshots } from './snapshots.ts'

/** Beyond the end of every run. */
export const END = 2n ** 62n

/** Snapshots on the way forward, at most. */
const MOST_AHEAD = 64
const LEAST_STRIDE = 2n ** 10n
/** To take a snapshot, all memory is compared with the one before: so many bytes in the time of a step. */
const BYTES_OF_STEP = 2n
/** Steps without a look at who waits. */
export const STRETCH = 2n ** 27n
/** To go on for so many steps is less than to begin again at a snapshot. */
const FEW_STEPS = 2n ** 16n
/** A run of fewer steps is over before compiled code is worth its making. */
const INTERPRETED = 2n ** 32n
/** For fewer it does not pay to go into compiled code and out. */
const LEAST_COMPILED = 2n ** 22n
const COMPILED_STRETCH = 2n ** 28n
const WASM_PAGE_BYTES = 65_536

/** What was done so far. */
export interface Work {
  readonly steps: bigint
  readonly hashedBytes: bigint
  readonly msRun: number
  /** With finding what is to be hashed. */
  readonly msHash: number
}

/** A program with what it is given, and a state from which it goes on. */
export interface Origin {
  /** If compiled code can be made of it. */
  readonly canonical?: Uint8Array
  readonly lowered: Lowered
  readonly program: ProgramTrees
  readonly limits: StepLimits
  readonly first: MachineState
  readonly firstStep: bigint
}

/** A program's whole run. */
export function originOf(
  lowered: Lowered,
  input: Uint8Array,
  limits: StepLimits,
  canonical?: Uint8Array,
): Origin {
  const first = firstState(lowered, input, { fuel: limits.fuel, outputMax: BigInt(limits.outputMax) })
  const program = new ProgramTrees(first)
  return { lowered, program, limits, first, firstStep: 0n, ...(canonical && { canonical }) }
}

export interface RerunOptions {
  /** Bytes of pages of states, with those of the present one; else three times the machine's memory at the start. */
  readonly memoryBytes?: number
  readonly pages?: PageStore
  readonly onProgress?: (steps: bigint) => void
  readonly signal?: AbortSignal
  /** Steps after which compiled code goes on; else those of a run that is over before it is worth its making. */
  readonly interpreted?: bigint
}

export class Rerun {
  readonly origin: Origin
  /** Of the state to which it was taken last. */
  readonly trees: StateTrees
  readonly work = { steps: 0n, hashedBytes: 0n, msRun: 0, msHash: 0 }
  readonly #options: RerunOptions
  readonly #snapshots: Snapshots
  #machine: StepMachine
  #replay: ReplayProgram | undefined
  #stride = LEAST_STRIDE
  /** How far it has been. */
  #reached: bigint
  #last: Snapshot | undefined
  /** Steps of work when others had their turn. */
  #rested = 0n
  #compiled = 0n

  constructor(
    origin: Origin,
    options: RerunOptions = {},
    trees = new StateTrees(origin.program, origin.first),
  ) {
    this.origin = origin
    this.trees = trees
    this.#options = options
    this.#reached = origin.firstStep
    this.#machine = StepMachine.restore(origin.lowered, origin.first, origin.firstStep)
    const { memoryBytes = 3 * sizeOf(this.#machine), pages } = options
    this.#snapshots = new Snapshots(trees.snapshot(origin.firstStep), memoryBytes, pages)
  }

  /** The snapshots' share of memory. */
  get bytes(): number {
    return this.#snapshots.bytes
  }

  /** The last state's step, once that is known. */
  get end(): bigint | undefined {
    return this.#last?.step
  }

  /** Steps that were made by compiled code. */
  get compiled(): bigint {
    return this.#compiled
  }

  /** Takes the trees to the state after so many steps, or to the last one. */
  async goTo(step: bigint): Promise<Snapshot> {
    if (this.#last && step >= this.#last.step) return this.#take(this.#last)
    const from = this.#snapshots.nearest(step)
    if (from.step === step) return this.#take(from)
    this.#bring(from, step)
    while (this.#machine.steps < step && this.#isRunning) {
      const mark = this.#mark()
      await this.#run(mark < step ? mark : step)
      if (this.#machine.steps === mark && this.#isRunning && mark < step) this.#leave()
      if (this.#machine.steps > this.#reached) this.#reached = this.#machine.steps
    }
    const snapshot = this.#capture()
    if (this.#isRunning) return snapshot
    this.#last = snapshot
    return snapshot
  }

  /** The hash of the state to which it was taken last. */
  hash(): Uint8Array {
    return this.hashing(() => this.trees.hash)
  }

  /** Counts what is done as hashing. */
  hashing<T>(act: () => T): T {
    const [begun, bytes] = [performance.now(), hashedBytes()]
    const result = act()
    this.work.msHash += performance.now() - begun
    this.work.hashedBytes += BigInt(hashedBytes() - bytes)
    return result
  }

  get #isRunning(): boolean {
    return this.#machine.registers.status === MACHINE_STATUS.running
  }

  #take(snapshot: Snapshot): Snapshot {
    this.trees.restore(snapshot)
    return snapshot
  }

  /** Has the machine near a step, at that snapshot or behind it. */
  #bring(from: Snapshot, step: bigint): void {
    const { steps } = this.#machine
    if (steps <= step && steps + FEW_STEPS >= from.step) return
    this.#restore(from)
  }

  #restore(from: Snapshot): void {
    this.trees.restore(from)
    this.#machine = StepMachine.restore(this.origin.lowered, this.trees.state, from.step)
    this.#snapshots.recount(from)
  }

  /** The next step where a snapshot is left: none where it was before. */
  #mark(): bigint {
    const { steps, memories } = this.#machine
    if (steps < this.#reached) return this.#reached
    const bytes = BigInt((memories.pages(0) + memories.pages(1)) * WASM_PAGE_BYTES)
    while (this.#stride * BYTES_OF_STEP < bytes) this.#stride *= 2n
    return (steps / this.#stride + 1n) * this.#stride
  }

  #leave(): void {
    if (this.#machine.steps % this.#stride !== 0n) return
    this.#capture()
    if (this.#snapshots.countAt(this.#stride) < MOST_AHEAD) return
    this.#stride *= 2n
    this.#snapshots.thin(this.#stride)
  }

  #capture(): Snapshot {
    const { steps } = this.#machine
    return this.hashing(() => {
      // What it shares with its neighbour is kept once.
      this.trees.restore(this.#snapshots.nearest(steps))
      this.trees.update(this.#machine.state())
      const snapshot = this.trees.snapshot(steps)
      this.#snapshots.keep(snapshot, steps > this.#reached)
      return snapshot
    })
  }

  /** Runs on, to a step or the end. */
  async #run(step: bigint): Promise<void> {
    while (this.#machine.steps < step && this.#isRunning) {
      const begun = performance.now()
      const before = this.#machine.steps
      const left = step - before
      if (this.#compiles(before, left)) {
        await this.#runCompiled(before + min(left, COMPILED_STRETCH))
      } else {
        this.#machine.runTo(before + min(left, STRETCH))
      }
      this.work.steps += this.#machine.steps - before
      this.work.msRun += performance.now() - begun
      if (this.work.steps - this.#rested >= STRETCH) await this.#rest()
    }
  }

  #compiles(before: bigint, left: bigint): boolean {
    const { canonical, firstStep } = this.origin
    const { interpreted = INTERPRETED } = this.#options
    return canonical !== undefined && left >= LEAST_COMPILED && before - firstStep >= interpreted
  }

  async #runCompiled(step: bigint): Promise<void> {
    const before = this.#machine.steps
    this.#replay ??= new ReplayProgram(this.origin.canonical!)
    if (await this.#replay.tryAdvance(this.#machine, step)) {
      this.#compiled += this.#machine.steps - before
    } else {
      // It traps on the way, or has a NaN, and the machine is spoilt.
      const from = this.#snapshots.nearest(before)
      this.#restore(from)
      // With all of the stretch: how far it came is not known.
      this.work.steps += step - from.step
      if (!(await this.#replay.tryAdvance(this.#machine, before))) this.#restore(from)
    }
    this.#machine.runTo(step)
  }

  /** Others have their turn. */
  async #rest(): Promise<void> {
    this.#rested = this.work.steps
    this.#options.onProgress?.(this.#machine.steps)
    await new Promise((resolve) => setTimeout(resolve))
    this.#options.signal?.throwIfAborted()
  }
}

function sizeOf({ memories: { machine, guests } }: StepMachine): number {
  return [machine, ...guests].reduce((sum, { buffer }) => sum + buffer.byteLength, 0)
}

const min = (a: bigint, b: bigint): bigint => (a < b ? a : b)
