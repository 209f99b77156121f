/**
 * The proof game without a chain: its rules once more, as `IProofScheme.sol` says them, and machines that only count. A
 * run's states are names; whoever knows a state knows the next one, and nobody knows a state that somebody made up.
 */
import { type Hex, keccak256, stringToHex, zeroHash } from 'viem'
import type { Computation, Defence } from '../src/proof/computation.ts'
import type { GameAction } from '../src/proof/decide.ts'
import {
  deadlineOf,
  type GameState,
  gameIdOf,
  otherSide,
  packGame,
  SIDES,
  type Side,
} from '../src/proof/game.ts'
import { levelOf, rootOf, SECTIONS, type Section, sectionOf, stepsOf } from '../src/proof/split.ts'
import type { Tracer } from '../src/proof/tracer.ts'
import { foldGame, type GameLog, type GameView } from '../src/proof/view.ts'

const name = (text: string): Hex => keccak256(stringToHex(text))
const address = (digit: string) => `0x${digit.repeat(40)}` as const
const RECEIVER = address('a')

/** A run of so many steps; from a step on, a machine's that is not honest, or somebody's story. */
export interface Run {
  readonly steps: bigint
  readonly wrongFrom?: bigint
  /** Of the story: two lies differ. */
  readonly lie?: string
}

/** Everything that can be known of states: their successors. */
export class World {
  readonly #known = new Map<Hex, { run: Run; step: bigint }>()

  stateAt(run: Run, step: bigint): Hex {
    const at = step < run.steps ? step : run.steps
    const lies = run.wrongFrom !== undefined && at >= run.wrongFrom
    const state = name(`${lies ? run.lie : 'true'} ${at} of ${run.steps}`)
    // A machine that lied once goes on rightly from there.
    const from: Run = lies ? { ...run, wrongFrom: 0n } : { steps: run.steps }
    if (!this.#known.has(state)) this.#known.set(state, { run: from, step: at })
    return state
  }

  /** Undefined for a state whose preimage nobody has. */
  next(state: Hex): Hex | undefined {
    const known = this.#known.get(state)
    return known && this.stateAt(known.run, known.step + 1n)
  }

  /** What a run came to. */
  endingOf(run: Run) {
    const last = this.stateAt(run, run.steps)
    const zeros = { code: zeroHash, memory: zeroHash, slots: zeroHash, pages: zeroHash }
    return {
      ...{ steps: run.steps, status: 0, fuelUsed: run.steps / 32n + 1n, output: name(`out ${last}`) },
      ...{ outputRoot: last, programRoot: zeroHash, program: zeros },
      last: {
        ...zeros,
        registers: last,
        sizes: zeroHash,
        stack: zeroHash,
        input: zeroHash,
        output: zeroHash,
      },
    }
  }

  tracerOf(run: Run): Tracer {
    return {
      statesAt: async (steps) => steps.map((step) => this.stateAt(run, step)),
      ending: async () => this.endingOf(run),
      proveAt: async (step) => {
        const state = this.stateAt(run, step)
        return { state, witness: state, next: this.next(state)! }
      },
      lookAt: () => Promise.reject(new Error('nobody looks')),
      close: async () => {},
    }
  }

  computationOf(run: Run): Computation {
    const { status, fuelUsed, output } = this.endingOf(run)
    const known = { programRoot: zeroHash, input: zeroHash, fuel: 2n ** 40n, outputMax: 1 }
    return { ...known, status, fuelUsed, output }
  }
}

export interface Clocks {
  providerClock: bigint
  challengerClock: bigint
  extension: bigint
}

/** A game as the contract would keep it. Illegal moves throw. */
export class Game {
  readonly logs: GameLog[] = []
  readonly #world: World
  readonly #first: Hex
  readonly #contested: Computation
  readonly #ruleBy: bigint
  #state: GameState
  #start: Hex = zeroHash
  #ends: readonly Hex[] | undefined
  loser: Side | undefined

  /** @param claimed the run whose result the provider signed */
  constructor(world: World, claimed: Run, clocks: Clocks, openedAt: bigint) {
    this.#world = world
    // All runs begin alike: the contract derives the first state.
    this.#first = world.stateAt({ steps: claimed.steps }, 0n)
    this.#contested = world.computationOf(claimed)
    this.#ruleBy = openedAt + 2n ** 30n
    const level = levelOf(this.#contested.fuelUsed)
    this.#state = { firstStep: 0n, level, turn: 'provider', ...clocks, movedAt: openedAt }
    this.#tell('GameOpened', {
      ...{ receiver: RECEIVER, caseId: zeroHash, game: this.#game(), contested: this.#contested },
      ruleBy: this.#ruleBy,
    })
  }

  get view(): GameView {
    return foldGame(this.logs)!
  }

  /** @throws where the contract would revert */
  play(side: Side, action: GameAction, now: bigint): void {
    if (this.loser) throw new Error('it is over')
    if (action.do === 'timeout') this.#timeout(now)
    else if (action.do === 'prove') this.#prove(action.section, action.witness)
    else if (side !== this.#state.turn) throw new Error('not its turn')
    else if (now >= deadlineOf(this.#state)) throw new Error('its time is up')
    else if (action.do === 'defend') this.#defend(action.defence, now)
    else if (action.do === 'split') this.#split(action.section, action.ends, now)
    else throw new Error(`${action.do} is no move`)
  }

  #defend({ level, registers, outputRoot, states }: Defence, now: bigint): void {
    const last = registers
    const isResult = name(`out ${outputRoot}`) === this.#contested.output && last === outputRoot
    if (this.#ends || !isResult || level >= this.#state.level || states.length !== SECTIONS - 1)
      throw new Error('no defence')
    this.#post(this.#first, 0n, level, [...states, last], now)
  }

  #split(section: Section, ends: readonly Hex[], now: bigint): void {
    this.#checkSection(section)
    const { level } = this.#state
    if (level === 0 || ends.length !== SECTIONS || ends[SECTIONS - 1] === section.to)
      throw new Error('no split')
    this.#post(section.from, stepsOf(level, section.index), level - 1, ends, now)
  }

  #prove(section: Section, witness: Hex): void {
    this.#checkSection(section)
    const next = this.#world.next(witness)
    if (this.#state.level !== 0 || witness !== section.from || next === undefined)
      throw new Error('no witness')
    if (next === section.to) throw new Error('a right step')
    this.#end(otherSide(this.#state.turn), true)
  }

  #timeout(now: bigint): void {
    if (now < deadlineOf(this.#state)) throw new Error('its clock runs')
    this.#end(this.#state.turn, false)
  }

  #checkSection(section: Section): void {
    const posted = { start: this.#start, ends: this.#ends ?? [] }
    if (!this.#ends || JSON.stringify(sectionOf(posted, section.index)) !== JSON.stringify(section))
      throw new Error(`not a section of ${rootOf(posted)}`)
  }

  #post(start: Hex, on: bigint, level: number, ends: readonly Hex[], now: bigint): void {
    const { turn, extension, firstStep } = this.#state
    const clock = deadlineOf(this.#state) - now + extension
    const own = turn === 'provider' ? { providerClock: clock } : { challengerClock: clock }
    const next = { firstStep: firstStep + on, level, turn: otherSide(turn), movedAt: now }
    this.#state = { ...this.#state, ...own, ...next }
    this.#start = start
    this.#ends = ends
    this.#tell('Split', { id: this.#game().id, game: this.#game(), start, ends })
  }

  #end(loser: Side, proven: boolean): void {
    this.loser = loser
    this.#tell('GameEnded', { receiver: RECEIVER, caseId: zeroHash, loser: SIDES.indexOf(loser), proven })
  }

  #game() {
    const parties = { challenger: address('c'), provider: address('d'), providerKey: address('e') }
    return { id: gameIdOf(RECEIVER, zeroHash), ...parties, state: packGame(this.#state) }
  }

  #tell(eventName: string, args: unknown): void {
    const at = BigInt(this.logs.length)
    this.logs.push({ eventName, args, transactionHash: name(`tx ${at}`), blockNumber: at })
  }
}
