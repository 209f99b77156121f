// Every float instruction of the machine on chain against this computer's own processor, bit for bit.
import { expect } from 'chai'
import { suiteIsThere } from '../../../machine/src/testing/suite.ts'
import { random } from '../support/random.ts'
import { compare, expectClose } from '../support/snapshot.ts'
import { type Answers, firstDifference, type Pairs } from './support/answers.ts'
import { forgeIsThere, openForge } from './support/forge.ts'
import { onHardware } from './support/hardware.ts'
import { INSTRUCTIONS, type Instruction } from './support/instructions.ts'
import { officialCases } from './support/official.ts'
import { DEMOTED_EDGES, edges, hardRoots, unaryEdges } from './support/operands.ts'
import { randomPairs } from './support/randomOperands.ts'
import { deployUnit } from './support/unit.ts'

const DEEP = process.env.MILLRACE_DEEP !== undefined
/** Random pairs for each instruction. Hardhat's chain, which traces what it runs, would take hours for the most of them. */
const RANDOM_PAIRS = !DEEP ? 500 : forgeIsThere ? 1_000_000 : 50_000
/** Assertions of the official suite on one float instruction. */
const OFFICIAL = 11_529

describe('floats on chain', () => {
  const { seed } = random()
  const atEdges = new Map<Instruction, Awaited<ReturnType<typeof chain.compute>>>()
  let chain: Awaited<ReturnType<typeof deployUnit>>
  let forge: Awaited<ReturnType<typeof openForge>> | undefined

  before(async () => {
    chain = await deployUnit()
    if (DEEP && forgeIsThere) forge = await openForge()
  })
  after(() => forge?.close())

  /** Computed once, for results and for gas. */
  async function edgeOutcomes(instruction: Instruction) {
    const outcomes = atEdges.get(instruction) ?? (await chain.compute(instruction, edgePairs(instruction)))
    atEdges.set(instruction, outcomes)
    return outcomes
  }

  function expectHardware(instruction: Instruction, pairs: Pairs, answers: Answers) {
    const expected = onHardware(instruction, pairs)
    const at = firstDifference(expected, answers)
    if (at === null) return
    const [is, should] = [answerAt(answers, at), answerAt(expected, at)]
    expect.fail(`${called(instruction, pairs, at)} is ${is}, on hardware ${should} (FUZZ_SEED=${seed})`)
  }

  it('draws floats of every class', () => {
    for (const type of ['f32', 'f64'] as const) {
      const counts = classesOf(type, randomPairs(type, `${seed} ${type}`, 10_000))
      for (const [name, count] of Object.entries(counts)) expect(count, `${type}: ${name}`).to.be.above(20)
    }
  })

  for (const instruction of INSTRUCTIONS) {
    it(`${instruction.name} agrees at the edges`, async () => {
      expectHardware(instruction, edgePairs(instruction), await edgeOutcomes(instruction))
    })

    it(`${instruction.name} agrees at random, whatever stands above its operands' bits`, async () => {
      const pairs = randomPairs(instruction.params[0]!, `${seed} ${instruction.name}`, RANDOM_PAIRS)
      expectHardware(instruction, pairs, await (forge ?? chain).compute(instruction, pairs))
    }).timeout(600_000)
  }

  it('heeds no more of a word than the slot in it', async () => {
    const slots = new BigUint64Array(2).fill((1n << 64n) - 1n)
    for (const instruction of INSTRUCTIONS) {
      const all = (1n << 256n) - 1n
      const [slot, traps] = await chain.unit.getFunction('compute')(instruction.opcode, all, all)
      const expected = onHardware(instruction, slots)
      expect(traps, instruction.name).to.equal(expected.traps[0] === 1)
      expect(slot, instruction.name).to.equal(expected.slots[0])
    }
  })

  it('traps at every opcode that is no float instruction', async () => {
    const known = new Set(INSTRUCTIONS.map(({ opcode }) => opcode))
    const small = Array.from({ length: 0x180 }, (_, opcode) => opcode)
    for (const opcode of [...small.filter((each) => !known.has(each)), (1n << 256n) - 1n]) {
      const { traps } = await chain.compute({ opcode }, new BigUint64Array([1n, 1n]))
      expect(traps[0], `opcode ${opcode}`).to.equal(1)
    }
  })

  it('agrees with the official suite', async function () {
    if (!suiteIsThere) return this.skip()
    let count = 0
    for (const [instruction, cases] of officialCases()) {
      const pairs = new BigUint64Array(cases.flatMap(({ pair }) => pair))
      const answers = await chain.compute(instruction, pairs)
      for (const [at, { expected, where }] of cases.entries()) {
        const what = `${where}: ${called(instruction, pairs, at)}`
        expect(answers.traps[at] ? null : answers.slots[at], what).to.equal(expected)
        count++
      }
    }
    expect(count).to.equal(OFFICIAL)
  })

  it('costs no more gas than it did', async () => {
    const most: Record<string, number> = {}
    for (const instruction of INSTRUCTIONS) {
      most[instruction.name] = Math.max(...(await edgeOutcomes(instruction)).gas)
    }
    await compare('floats', most, expectClose)
  })
})

function edgePairs({ params, name }: Instruction): Pairs {
  const [type] = params as ['f32' | 'f64']
  if (params.length === 2) {
    return new BigUint64Array(edges(type).flatMap((a) => edges(type).flatMap((b) => [a, b])))
  }
  const more = name.endsWith('sqrt') ? hardRoots(type) : name === 'f32.demote_f64' ? DEMOTED_EDGES : []
  return new BigUint64Array([...unaryEdges(type), ...more].flatMap((a) => [a, 0n]))
}

/** How many of the operands are what; of pairs, how many are equal. */
function classesOf(type: 'f32' | 'f64', pairs: Pairs) {
  const floats =
    type === 'f64'
      ? new Float64Array(pairs.buffer)
      : new Float32Array(pairs.buffer).filter((_, at) => at % 2 === 0)
  const least = type === 'f64' ? 2 ** -1022 : 2 ** -126
  const count = (is: (float: number, at: number) => boolean) => floats.filter(is).length
  return {
    zeros: count((float) => float === 0),
    subnormals: count((float) => float !== 0 && Math.abs(float) < least),
    infinities: count((float) => Math.abs(float) === Number.POSITIVE_INFINITY),
    NaNs: count(Number.isNaN),
    integers: count((float) => Number.isInteger(float) && Math.abs(float) > 1 && Math.abs(float) < 2 ** 64),
    halves: count((float) => Math.abs(float % 1) === 0.5),
    'equal pairs': count((float, at) => at % 2 === 1 && float === floats[at - 1]),
  }
}

function called({ name, params }: Instruction, pairs: Pairs, at: number): string {
  return `${name}(${params.map((_, place) => hex(pairs[2 * at + place]!)).join(', ')})`
}

function answerAt({ slots, traps }: Answers, at: number): string {
  return traps[at] ? 'a trap' : hex(slots[at]!)
}

function hex(bits: bigint): string {
  return `0x${bits.toString(16)}`
}
