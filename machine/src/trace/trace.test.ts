import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { EXAMPLES } from '../../../examples/catalog.ts'
import { StepMachine } from '../interpret/stepMachine.ts'
import { toHex } from '../io/hash.ts'
import { encodeInput } from '../io/input.ts'
import { lower } from '../lower/lower.ts'
import { buildProgram, type Program } from '../program.ts'
import { Dice } from '../random/dice.ts'
import { run } from '../run/run.ts'
import { STATUS_CODES } from '../run/status.ts'
import { type PageStore, StoreFullError } from '../state/pageStore.ts'
import { ProgramTrees, StateTrees } from '../state/stateTrees.ts'
import { firstState } from '../step/firstState.ts'
import { ReferenceMachine } from '../step/referenceMachine.ts'
import { verifyStep } from '../step/verify.ts'
import { gameOver, SLOW_TO_WRITE, TRACED, TRACED_INPUT } from '../testing/tracedProgram.ts'
import { Trace, type TraceOptions } from './trace.ts'

const END = 2n ** 62n
const LIMITS = { fuel: 10n ** 10n, outputMax: 2 ** 16 }
const INPUT = TRACED_INPUT
const PAGE = 4_096
const DEEP = process.env.MILLRACE_DEEP !== undefined

const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31)

const open = (options: Partial<TraceOptions> = {}) =>
  Trace.open({ program: TRACED.canonical, input: INPUT, limits: LIMITS, ...options })

/** The states' hashes by the interpreter, which goes to one step after another. */
function hashesOf({ canonical }: Program, input: Uint8Array, steps: readonly bigint[]): string[] {
  const machine = new StepMachine(lower(canonical), input, LIMITS)
  const trees = new StateTrees(new ProgramTrees(machine.state()), machine.state())
  return steps.map((step) => {
    machine.runTo(step)
    trees.update(machine.state())
    return toHex(trees.hash)
  })
}

class MapStore implements PageStore {
  readonly pages = new Map<string, Uint8Array>()
  gets = 0
  readonly #most: number

  constructor(most = Number.POSITIVE_INFINITY) {
    this.#most = most
  }

  put(key: string, bytes: Uint8Array): void {
    if (this.pages.size >= this.#most) throw new StoreFullError()
    expect(bytes).toHaveLength(PAGE)
    this.pages.set(key, bytes)
  }

  get(key: string): Uint8Array {
    this.gets++
    return this.pages.get(key)!
  }
}

function drawn(dice: Dice, count: number, below: bigint): bigint[] {
  const steps = Array.from({ length: count }, () => dice.bits(64) % below)
  return steps.sort((a, b) => Number(a - b))
}

async function example(name: string) {
  const { args, stdin, module } = EXAMPLES.find((each) => each.name === name)!
  const input = encodeInput({ args: [name, ...args], ...(stdin && { stdin: await readFile(stdin) }) })
  return { input, program: buildProgram(await readFile(module)) }
}

describe(`a trace (seed ${seed})`, () => {
  it('ends as the program does natively', async () => {
    const trace = await open()
    const { steps, status, fuelUsed, output, programRoot, program, last } = await trace.ending()
    const native = await run(TRACED, INPUT, LIMITS)
    expect({ status, fuelUsed, output: toHex(output) }).toEqual({
      status: STATUS_CODES[native.status],
      fuelUsed: native.fuelUsed,
      output: native.outputRoot,
    })
    expect(await trace.output()).toEqual(native.output)
    const lowered = lower(TRACED.canonical)
    const first = firstState(lowered, INPUT, { fuel: LIMITS.fuel, outputMax: BigInt(LIMITS.outputMax) })
    const trees = new ProgramTrees(first)
    expect(programRoot).toEqual(trees.programRoot(lowered.maxPages))
    expect(program.code).toEqual(trees.code.root)
    expect(last.stack).toHaveLength(32)
    const [state] = await trace.statesAt([steps])
    expect([toHex(state!)]).toEqual(hashesOf(TRACED, INPUT, [END]))
  })

  it('has the machine’s states, in whatever order they are asked for, and beyond the end the last one', async () => {
    const dice = new Dice(seed)
    const { steps } = await (await open()).ending()
    expect(steps).toBeGreaterThan(100_000n)
    const asked = [0n, 1n, ...drawn(dice, 60, steps), steps - 1n, steps, steps + 1n, END]
    const expected = new Map(hashesOf(TRACED, INPUT, asked).map((hash, i) => [asked[i]!, hash]))
    const trace = await open()
    const shuffled = asked.map((step) => [dice.below(1_000), step] as const).sort(([a], [b]) => a - b)
    for (let i = 0; i < shuffled.length; i += 7) {
      const some = shuffled.slice(i, i + 7).map(([, step]) => step)
      const answers = await trace.statesAt(some)
      expect(answers.map(toHex)).toEqual(some.map((step) => expected.get(step)))
    }
  })

  it('has the reference’s states', async () => {
    const { program, input } = await example('hello')
    const trace = await Trace.open({ program: program.canonical, input, limits: LIMITS })
    const { steps } = await trace.ending()
    const limits = { fuel: LIMITS.fuel, outputMax: BigInt(LIMITS.outputMax) }
    const first = firstState(lower(program.canonical), input, limits)
    const [reference, trees] = [new ReferenceMachine(first), new StateTrees(new ProgramTrees(first), first)]
    for (const step of drawn(new Dice(seed), 30, steps + 1n)) {
      while (reference.steps < step) reference.step()
      trees.update(reference.state())
      expect((await trace.statesAt([step])).map(toHex), `step ${step}`).toEqual([toHex(trees.hash)])
    }
  })

  it('proves and shows any step', async () => {
    const trace = await open()
    const { steps } = await trace.ending()
    for (const step of [...drawn(new Dice(seed), 20, steps), steps - 1n, steps + 5n]) {
      const { state, witness, next } = await trace.proveAt(step)
      expect([state, next]).toEqual(await trace.statesAt([step, step + 1n]))
      expect(verifyStep(state, witness), `step ${step}`).toEqual(next)
    }
    const last = await trace.lookAt(steps - 1n)
    expect(last).toMatchObject({ step: steps - 1n, instruction: 'halt', status: [0, 1] })
  })

  it('shows values that a step takes, leaves and writes', async () => {
    const trace = await open()
    const { steps } = await trace.ending()
    const views = []
    for (let step = steps / 2n; views.length < 300; step++) views.push(await trace.lookAt(step))
    const product = views.find(({ instruction }) => instruction === 'i64.shl')!
    const [by, value] = product.operands
    expect(product.results).toEqual([BigInt.asUintN(64, value! << by!)])
    const stored = views.find(({ instruction }) => instruction.startsWith('i64.store'))!
    const [written] = stored.written
    const at = Number(BigInt.asUintN(32, stored.operands[1]!))
    expect(written).toMatchObject({ region: 'memory', role: 'memory', at })
    expect(new DataView(written!.bytes.buffer).getBigUint64(0, true)).toBe(stored.operands[0])
  })

  it('answers questions that come together', async () => {
    const trace = await open()
    const [ending, [first], proven] = await Promise.all([
      trace.ending(),
      trace.statesAt([1_000n]),
      trace.proveAt(1_000n),
    ])
    expect(proven.state).toEqual(first)
    expect(await (await open()).ending()).toEqual(ending)
  })
})

describe('a whole game costs little more than one run', { timeout: DEEP ? 0 : 120_000 }, () => {
  it.each(DEEP ? ['mandelbrot', 'primes'] : ['mandelbrot'])('of %s', async (name) => {
    const { program, input } = await example(name)
    const trace = await Trace.open({ program: program.canonical, input, limits: LIMITS })
    const { steps } = await trace.ending()
    const { steps: once } = trace.work
    expect(once).toBe(steps)
    const wrong = (BigInt(Math.floor(new Dice(seed).below(2 ** 30))) * steps) / 2n ** 30n
    for (const grid of gameOver(steps, wrong)) await trace.statesAt(grid)
    await trace.proveAt(wrong)
    await trace.lookAt(wrong)
    const ratio = Number(trace.work.steps) / Number(steps)
    expect(ratio, `work of a game over step ${wrong}, seed ${seed}`).toBeLessThanOrEqual(1.3)
  })
})

describe('snapshots beyond the memory that they may have', { timeout: 120_000 }, () => {
  const game = async (trace: Trace, onGrid = () => {}) => {
    const { steps } = await trace.ending()
    const hashes: string[] = []
    for (const grid of gameOver(steps, steps / 3n)) {
      hashes.push(...(await trace.statesAt(grid)).map(toHex))
      onGrid()
    }
    return hashes
  }
  // The state has some 60.
  const memoryBytes = 80 * PAGE
  const openSlow = (options: Partial<TraceOptions> = {}) =>
    open({ program: SLOW_TO_WRITE.canonical, ...options })

  it('lie in a store, and come back', async () => {
    const expected = await game(await openSlow())
    const pages = new MapStore()
    const trace = await openSlow({ memoryBytes, pages })
    let most = 0
    const hashes = await game(trace, () => {
      most = Math.max(most, trace.bytes)
    })
    expect(hashes).toEqual(expected)
    expect(pages.pages.size).toBeGreaterThan(200)
    expect(most).toBeLessThan(2 * memoryBytes)
    for (const key of pages.pages.keys()) expect(key).toMatch(/^[0-9a-f]{64}$/)
  })

  it('are read again from there, and not taken for what they were not', async () => {
    const pages = new MapStore()
    const trace = await openSlow({ memoryBytes, pages })
    const { steps } = await trace.ending()
    const [grid, between] = [0n, 500n].map((apart) =>
      Array.from({ length: 64 }, (_, i) => (BigInt(i) * steps) / 64n + apart),
    )
    await trace.statesAt(grid!)
    const asked = between!.toReversed().slice(0, 40)
    expect((await trace.statesAt(asked)).map(toHex).toReversed()).toEqual(
      hashesOf(SLOW_TO_WRITE, INPUT, asked.toReversed()),
    )
    expect(pages.gets).toBeGreaterThan(100)
    for (const bytes of pages.pages.values()) bytes[17]! ^= 1
    await expect(trace.statesAt(between!)).rejects.toThrow('a page came back from its store with other bytes')
  })

  it('go on without where the store is full', async () => {
    const expected = await game(await openSlow())
    const pages = new MapStore(100)
    expect(await game(await openSlow({ memoryBytes, pages }))).toEqual(expected)
    expect(pages.pages.size).toBe(100)
  })

  it('are given up where there is no store', async () => {
    const expected = await game(await openSlow())
    const trace = await openSlow({ memoryBytes })
    expect(await game(trace)).toEqual(expected)
    expect(trace.bytes).toBeLessThan(3 * memoryBytes)
  })
})

describe('a long run', () => {
  it('lets others have their turn, and can be stopped', async () => {
    const { program, input } = await example('primes')
    const stop = new AbortController()
    const seen: bigint[] = []
    const trace = await Trace.open({
      ...{ program: program.canonical, input, limits: LIMITS, signal: stop.signal },
      onProgress(steps) {
        seen.push(steps)
        if (seen.length === 2) stop.abort(new Error('that will do'))
      },
    })
    await expect(trace.ending()).rejects.toThrow('that will do')
    expect(seen).toHaveLength(2)
  })
})
