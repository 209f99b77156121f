/** Brings a program to any of its steps about as fast as it runs natively. */
import { type StepLimits, StepMachine } from '../interpret/stepMachine.ts'
import { HostAbortError } from '../run/errors.ts'
import { MACHINE_STATUS } from '../state/state.ts'
import { CompiledRun, type Outcome } from './compiledRun.ts'
import { type ReplaySource, readSource } from './compileReplay.ts'
import { Version } from './version.ts'

/** More than any run can have. */
const MOST_STEPS = 2n ** 62n
/** The interpreter does so many in the time that it takes to prepare compiled code of a large program. */
const FEW_STEPS = 10_000_000n

const STOPPED: Outcome = { kind: 'stopped' }

/** A program, compiled once for any number of replays. */
export class ReplayProgram {
  readonly #source: ReplaySource
  readonly #versions = new Map<string, Promise<Version | null>>()
  readonly #runs = new WeakMap<StepMachine, CompiledRun>()
  /** Whether some frame had a NaN: it will have one again. */
  #isStrict = false
  /** Whether compiled code asks too much of the engine. */
  #isInterpreted = false

  /** @param canonical a program as `buildProgram` makes it */
  constructor(canonical: Uint8Array) {
    this.#source = readSource(canonical)
  }

  /**
   * A machine that has done so many steps of the program, or has come to its end before.
   *
   * @throws {HostAbortError} where the host could not do it
   */
  async replay(input: Uint8Array, limits: StepLimits, steps: bigint): Promise<StepMachine> {
    const machine = await this.stopAfter(input, limits, steps - BigInt(await this.slack()))
    machine.runTo(steps)
    return machine
  }

  /**
   * Brings a machine of this program on to a step. Where it trapped on the way or met a NaN, another one comes back,
   * which began again.
   *
   * @param limits those that the machine began with
   */
  async advance(machine: StepMachine, limits: StepLimits, steps: bigint): Promise<StepMachine> {
    const near = steps - BigInt(await this.slack())
    const nearer = near - machine.steps < FEW_STEPS ? machine : await this.advanceAfter(machine, limits, near)
    nearer.runTo(steps)
    return nearer
  }

  /** Likewise to a place as {@link stopAfter} finds it. */
  async advanceAfter(machine: StepMachine, limits: StepLimits, steps: bigint): Promise<StepMachine> {
    const outcome = this.#isInterpreted ? interpret(machine, steps) : await this.#runOn(machine, steps)
    if (outcome.kind === 'stopped') return machine
    return this.stopAfter(machine.memories.input, limits, steps)
  }

  /**
   * Brings a machine of this program on, in compiled code alone, to a step or no more than {@link slack} before it.
   *
   * @returns false where the program traps on the way or meets a NaN: the machine is of no use any more, and whoever
   * has a state from before goes on with another one. Of a NaN, what is compiled knows from then on.
   */
  async tryAdvance(machine: StepMachine, steps: bigint): Promise<boolean> {
    if (this.#isInterpreted) return true
    const outcome = await this.#runOn(machine, steps - BigInt(await this.slack()))
    return outcome.kind === 'stopped'
  }

  /**
   * A machine at the first place after so many steps where compiled code can stop: no more than {@link slack} beyond.
   * Where the program ends before that, or does something that compiled code cannot, it is in front of that.
   */
  async stopAfter(input: Uint8Array, limits: StepLimits, steps: bigint): Promise<StepMachine> {
    let until = steps < MOST_STEPS ? steps : MOST_STEPS
    let isMarked = false
    for (;;) {
      const machine = new StepMachine(this.#source.lowered, input, limits)
      const outcome = this.#isInterpreted
        ? interpret(machine, until)
        : await this.#runOn(machine, until, isMarked)
      if (outcome.kind === 'stopped') return machine
      if (outcome.kind !== 'trapped') continue
      if (isMarked) {
        // It does not go on from a look without steps left: it trapped as it stopped, for want of room.
        if (outcome.left < 0n) throw new HostAbortError('it could not give memory for the frames of a stop')
        // There, at the last look before the trap, no steps are left the next time.
        until -= outcome.left + 1n
      }
      isMarked = !isMarked
    }
  }

  /** More steps than lie between two places where compiled code can stop. */
  async slack(): Promise<number> {
    return (await this.#version(false))?.compiled.slack ?? 0
  }

  /** How many forms of the program were compiled: one, unless a NaN or a trap needed another. */
  get versions(): number {
    return this.#versions.size
  }

  /** Runs a machine to a site by itself, and from there in compiled code. What came of it holds for later runs too. */
  async #runOn(machine: StepMachine, until: bigint, isMarked = false): Promise<Outcome> {
    const version = await this.#version(isMarked)
    if (version === null) return interpret(machine, until)
    const run = this.#runOf(version, machine)
    while (machine.steps < until && machine.registers.status === MACHINE_STATUS.running) {
      const outcome = run.run(until - machine.steps)
      if (outcome?.kind === 'raw NaN') this.#isStrict = true
      if (outcome?.kind === 'refused') this.#isInterpreted = true
      if (outcome) return outcome
      machine.runTo(machine.steps + 1n)
    }
    return STOPPED
  }

  #version(isMarked: boolean): Promise<Version | null> {
    const isStrict = this.#isStrict
    const key = `${isStrict} ${isMarked}`
    let version = this.#versions.get(key)
    if (!version) {
      version = Version.compile(this.#source, { isStrict, isMarked })
      this.#versions.set(key, version)
    }
    return version
  }

  /** Compiled code for a machine, which it may have run before. */
  #runOf(version: Version, machine: StepMachine): CompiledRun {
    const last = this.#runs.get(machine)
    if (last?.version === version) return last
    const run = new CompiledRun(version, machine)
    this.#runs.set(machine, run)
    return run
  }
}

/** Slower, and always possible. */
function interpret(machine: StepMachine, until: bigint): Outcome {
  machine.runTo(until)
  return STOPPED
}
