import {
  type Lowered,
  MACHINE_STATUS,
  ProgramTrees,
  type Registers,
  type Snapshot,
  StateTrees,
  StepMachine,
} from '@millrace/machine/steps'
import { CliError } from '../failures/CliError.ts'
import { groupThousands } from '../format/groupThousands.ts'

export interface TraceLimits {
  readonly fuel: bigint
  readonly outputMax: number
}

/** Where a run has come to, for whoever waits. */
export type OnProgress = (steps: bigint) => void

/** Steps between looks at the clock and at Ctrl-C: some tenths of a second. */
const STRETCH = 100_000_000n

/** A run that can be taken to any step. */
export class TracedRun {
  readonly trees: StateTrees
  readonly #lowered: Lowered
  readonly #onProgress: OnProgress
  readonly #signal: AbortSignal
  #machine: StepMachine
  /** States on the way, from which later steps can be reached again: the last two, so that a stretch lies behind. */
  #kept: Snapshot[]

  constructor(
    run: { lowered: Lowered; input: Uint8Array; limits: TraceLimits },
    { onProgress, signal }: { onProgress: OnProgress; signal: AbortSignal },
  ) {
    this.#lowered = run.lowered
    this.#onProgress = onProgress
    this.#signal = signal
    this.#machine = new StepMachine(run.lowered, run.input, run.limits)
    const first = this.#machine.state()
    this.trees = new StateTrees(new ProgramTrees(first), first)
    this.#kept = [this.trees.snapshot(0n)]
  }

  /** Steps done. */
  get steps(): bigint {
    return this.#machine.steps
  }

  get registers(): Registers {
    return this.#machine.registers
  }

  /** Written so far. */
  get output(): Uint8Array {
    return this.#machine.memories.output.bytes()
  }

  get isOver(): boolean {
    return this.#machine.registers.status !== MACHINE_STATUS.running
  }

  /**
   * Runs until so many steps are done in all, or to the end.
   *
   * @throws {CliError} `detached` after Ctrl-C
   */
  async runTo(step: bigint): Promise<void> {
    while (this.steps < step && !this.isOver) {
      this.#kept = [...this.#kept.slice(-1), this.capture()]
      const next = this.steps + STRETCH
      this.#machine.runTo(next < step ? next : step)
      this.#onProgress(this.steps)
      // Ctrl-C is heard between two turns.
      await new Promise((resolve) => setImmediate(resolve))
      if (this.#signal.aborted) throw stopped(this.steps)
    }
  }

  /** Goes back to a step that is at most a stretch away. */
  backTo(step: bigint): void {
    const from = this.#kept.findLast((snapshot) => snapshot.step <= step)
    if (from === undefined) throw new RangeError(`step ${step} is before all that was kept`)
    this.trees.restore(from)
    this.#machine = StepMachine.restore(this.#lowered, this.trees.state, from.step)
    this.#machine.runTo(step)
  }

  /** Takes the state as it is into the trees. */
  capture(): Snapshot {
    this.trees.update(this.#machine.state())
    return this.trees.snapshot(this.steps)
  }
}

function stopped(steps: bigint): CliError {
  return new CliError('detached', `Stopped at step ${groupThousands(String(steps))}.`, {
    remedy: 'Start again; `--at` with fewer steps gets there sooner.',
  })
}
