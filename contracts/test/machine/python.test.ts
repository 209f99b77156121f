// CPython running a script: natively, step by step, and steps of it drawn at random on chain. PHP and Ruby in a deep run.
import { readFile } from 'node:fs/promises'
import { expect } from 'chai'
import { EXAMPLES, type Example } from '../../../examples/catalog.ts'
import { runInThread } from '../../../examples/tools/runInThread.ts'
import { StepMachine } from '../../../machine/src/interpret/stepMachine.ts'
import { encodeInput } from '../../../machine/src/io/input.ts'
import { lower } from '../../../machine/src/lower/lower.ts'
import { buildProgram } from '../../../machine/src/program.ts'
import { ProgramTrees, StateTrees } from '../../../machine/src/state/stateTrees.ts'
import { firstState } from '../../../machine/src/step/firstState.ts'
import { proveStep } from '../../../machine/src/step/prove.ts'
import { random } from '../support/random.ts'
import { deployMachine, hex } from './support/chain.ts'

const DEEP = process.env.MILLRACE_DEEP !== undefined
const LIMITS = { fuel: 4_000_000_000n, outputMax: 1 << 20 }
const STEPS = DEEP ? 1_000 : 20
const END = 2n ** 62n

describe('a language runtime by steps', () => {
  const draw = random()
  for (const name of DEEP ? ['python', 'php', 'ruby'] : ['python']) {
    it(`${name} comes to its native result, and any step of it is the machine’s on chain`, async () => {
      const example = EXAMPLES.find((each) => each.name === name)!
      const module = await readFile(example.module)
      const input = await inputOf(example)
      const native = await runInThread({ module, input, limits: LIMITS })

      const lowered = lower(buildProgram(module).canonical)
      const first = firstState(lowered, input, { fuel: LIMITS.fuel, outputMax: BigInt(LIMITS.outputMax) })
      const trees = new StateTrees(new ProgramTrees(first), first)
      const whole = new StepMachine(lowered, input, LIMITS)
      whole.runTo(END)
      const drawn = new Set(Array.from({ length: STEPS }, () => draw.below(whole.steps)))
      const chosen = [...drawn].sort((a, b) => Number(a - b))
      const machine = new StepMachine(lowered, input, LIMITS)
      const claims = chosen.map((step) => {
        machine.runTo(step)
        trees.update(machine.state())
        const { state, witness } = proveStep(trees)
        expect(hex(state), `before step ${step}`).to.equal(hex(trees.hash))
        machine.runTo(step + 1n)
        trees.update(machine.state())
        return { state, witness, step, next: hex(trees.hash) }
      })
      machine.runTo(END)
      expect(machine.steps).to.equal(whole.steps)
      trees.update(machine.state())
      const { statusCode, fuelUsed, output } = trees.result(LIMITS.fuel)
      expect([statusCode, fuelUsed, hex(output)]).to.deep.equal([
        native.statusCode,
        native.fuelUsed,
        native.outputRoot,
      ])

      const chain = await deployMachine()
      for (const [i, { next }] of (await chain.step(claims)).entries()) {
        expect(next, `step ${claims[i]!.step} (FUZZ_SEED=${draw.seed})`).to.equal(claims[i]!.next)
      }
    }).timeout(DEEP ? 0 : 300_000)
  }
})

async function inputOf({ name, args, files, stdin }: Example): Promise<Uint8Array> {
  const contents = Object.entries(files).map(async ([path, url]) => [path, await readFile(url)] as const)
  return encodeInput({
    args: [name, ...args],
    files: Object.fromEntries(await Promise.all(contents)),
    ...(stdin && { stdin: await readFile(stdin) }),
  })
}
