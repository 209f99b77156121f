/**
 * A run as a side of a proof game needs it: the hash of any state, the proof of any step, how it ends. The first
 * question brings it through the run, and later ones through parts.
 */
import type { StepLimits } from '../interpret/stepMachine.ts'
import { functionNames } from '../link/functionNames.ts'
import { lower } from '../lower/lower.ts'
import type { PageStore } from '../state/pageStore.ts'
import { type ProvenStep, proveStep } from '../step/prove.ts'
import type { Difference } from './difference.ts'
import { type Ending, endingOf } from './ending.ts'
import { type StepView, viewOf } from './look.ts'
import { END, originOf, Rerun, type RerunOptions, type Work } from './rerun.ts'
import { type AlteredRun, alter, type Outcome, type Tamper, tryOut } from './tamper.ts'

export interface TraceOptions {
  /** Canonical, as `buildProgram` makes it. */
  readonly program: Uint8Array
  readonly input: Uint8Array
  readonly limits: StepLimits
  /**
   * Bytes of pages of states that stay in memory, beside the machine; those of the present state do in any case. What is
   * beyond goes to `pages`. Without a store, or when it is full, snapshots are given up, those first that are reached
   * again from others in the fewest steps: a run of S steps that has room for n of them costs up to S/n more for each
   * move of a game.
   *
   * Else three times what the machine has at the start.
   */
  readonly memoryBytes?: number
  readonly pages?: PageStore
  /** Dishonest on purpose. */
  readonly tamper?: Tamper
  /** Is told a few times a second where the run has come to. */
  readonly onProgress?: (steps: bigint) => void
  /** Ends what is under way, which throws its reason. */
  readonly signal?: AbortSignal
}

export class Trace {
  readonly #options: TraceOptions
  readonly #honest: Rerun
  /** From the state on that was altered. */
  #altered: AlteredRun | undefined
  readonly #hashes = new Map<bigint, Uint8Array>()
  #ending: Ending | undefined
  #names: ReturnType<typeof functionNames> | undefined
  /** One question after another, of all who share a machine. */
  readonly #queue: { last: Promise<unknown> }

  private constructor(
    options: TraceOptions,
    honest: Rerun,
    queue = { last: Promise.resolve() as Promise<unknown> },
  ) {
    this.#options = options
    this.#honest = honest
    this.#queue = queue
  }

  /** @throws {HostAbortError} where the host cannot give memory */
  static async open(options: TraceOptions): Promise<Trace> {
    const { program, input, limits } = options
    const origin = originOf(lower(program), input, limits, program)
    return new Trace(options, new Rerun(origin, rerunOptions(options)))
  }

  /** The same run by a machine that is dishonest otherwise, or is not. What they have in common is run once. */
  by(tamper?: Tamper): Trace {
    const { tamper: _, ...options } = this.#options
    return new Trace({ ...options, ...(tamper && { tamper }) }, this.#honest, this.#queue)
  }

  /** What a dishonest machine comes to, sooner than by its trace; undefined of some that do what no machine can. */
  tryOut(tamper: Tamper): Promise<Outcome | undefined> {
    return this.#next(() => tryOut(this.#honest, tamper, rerunOptions(this.#options)))
  }

  /** What was done so far. */
  get work(): Work {
    const all = [this.#honest, this.#altered?.rerun].flatMap((rerun) => rerun?.work ?? [])
    return {
      steps: all.reduce((sum, { steps }) => sum + steps, 0n),
      hashedBytes: all.reduce((sum, each) => sum + each.hashedBytes, 0n),
      msRun: all.reduce((sum, { msRun }) => sum + msRun, 0),
      msHash: all.reduce((sum, { msHash }) => sum + msHash, 0),
    }
  }

  /** Bytes of pages of states that are in memory now, at most. */
  get bytes(): number {
    return this.#honest.bytes + (this.#altered?.rerun.bytes ?? 0)
  }

  /**
   * Hashes of the states after so many steps; beyond the end, the last one's.
   *
   * @param steps ascending: other orders cost more
   */
  statesAt(steps: readonly bigint[]): Promise<Uint8Array[]> {
    return this.#next(async () => {
      const hashes: Uint8Array[] = []
      for (const step of steps) hashes.push(await this.#hashAt(step))
      return hashes
    })
  }

  /** How the run ends. */
  ending(): Promise<Ending> {
    return this.#next(async () => {
      if (this.#ending) return this.#ending
      const { rerun, step } = await this.#goTo(END)
      this.#ending = rerun.hashing(() => endingOf(step, rerun.trees, this.#honest.origin))
      return this.#ending
    })
  }

  /** What was written to the end of the run. */
  output(): Promise<Uint8Array> {
    return this.#next(async () => (await this.#goTo(END)).rerun.trees.outputBytes)
  }

  /** Proves the step that begins with the state after so many steps. */
  proveAt(step: bigint): Promise<ProvenStep> {
    return this.#next(async () => {
      const { rerun } = await this.#goTo(step)
      return rerun.hashing(() => proveStep(rerun.trees))
    })
  }

  /** Shows the same step. */
  lookAt(step: bigint): Promise<StepView> {
    return this.#next(async () => {
      const { rerun } = await this.#goTo(step)
      this.#names ??= functionNames(this.#options.program)
      return viewOf(step, rerun.trees, rerun.origin.lowered, this.#names)
    })
  }

  /** What a dishonest machine altered, and after how many steps; undefined of an honest one. */
  lie(): Promise<({ readonly step: bigint } & Difference) | undefined> {
    return this.#next(async () => {
      await this.#goTo(END)
      return this.#altered?.difference && { step: this.#altered.step, ...this.#altered.difference }
    })
  }

  async #hashAt(step: bigint): Promise<Uint8Array> {
    const known = this.#hashes.get(step)
    if (known) return known
    const { rerun, step: reached } = await this.#goTo(step)
    const hash = this.#hashes.get(reached) ?? rerun.hash()
    this.#hashes.set(reached, hash)
    return hash
  }

  /** Takes a run to the state after so many steps, or to the last one. */
  async #goTo(step: bigint): Promise<{ rerun: Rerun; step: bigint }> {
    const { tamper } = this.#options
    if (tamper) this.#altered ??= await alter(this.#honest, tamper, rerunOptions(this.#options))
    const rerun = this.#altered && step >= this.#altered.step ? this.#altered.rerun : this.#honest
    return { rerun, step: (await rerun.goTo(step)).step }
  }

  #next<T>(act: () => Promise<T>): Promise<T> {
    const result = this.#queue.last.then(act)
    this.#queue.last = result.catch(() => {})
    return result
  }
}

function rerunOptions({ memoryBytes, pages, onProgress, signal }: TraceOptions): RerunOptions {
  return { memoryBytes, pages, onProgress, signal }
}
