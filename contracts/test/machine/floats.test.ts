// Every float instruction of the machine on chain against this computer's own processor, bit for bit.
import { expect } from 'chai'
import { suiteIsThere } from '../../../machine/src/testing/suite.ts'
import { random } from '../support/random.ts'
import { compare, expectClose } from '../support/snapshot.ts'
import { onHardware } from './support/hardware.ts'
import { INSTRUCTIONS, type Instruction } from './support/instructions.ts'
import { officialCases } from './support/official.ts'
import { DEMOTED_EDGES, edges, hardRoots, randomPair, unaryEdges } from './support/operands.ts'
import { deployUnit, type Outcome } from './support/unit.ts'

type Pair = readonly [bigint, bigint]

/** Pairs for each instruction. */
const RANDOM_PAIRS = process.env.MILLRACE_DEEP === undefined ? 500 : 50_000
/** Assertions of the official suite on one float instruction. */
const OFFICIAL = 11_529

describe('floats on chain', () => {
  const draw = random()
  const atEdges = new Map<Instruction, Outcome[]>()
  let chain: Awaited<ReturnType<typeof deployUnit>>

  before(async () => {
    chain = await deployUnit()
  })

  /** Computed once, for results and for gas. */
  async function edgeOutcomes(instruction: Instruction): Promise<Outcome[]> {
    const outcomes = atEdges.get(instruction) ?? (await chain.compute(instruction, edgePairs(instruction)))
    atEdges.set(instruction, outcomes)
    return outcomes
  }

  function expectHardware(instruction: Instruction, pairs: readonly Pair[], outcomes: readonly Outcome[]) {
    expect(outcomes.length).to.equal(pairs.length)
    for (const [place, { slot }] of outcomes.entries()) {
      const expected = onHardware(instruction, ...pairs[place]!)
      if (slot === expected) continue
      const what = `${called(instruction, pairs[place]!)} is ${hex(slot)}, on hardware ${hex(expected)}`
      expect.fail(`${what} (FUZZ_SEED=${draw.seed})`)
    }
  }

  for (const instruction of INSTRUCTIONS) {
    it(`${instruction.name} agrees at the edges`, async () => {
      expectHardware(instruction, edgePairs(instruction), await edgeOutcomes(instruction))
    })

    it(`${instruction.name} agrees at random, whatever stands above its operands' bits`, async () => {
      const type = instruction.params[0]!
      const above = () => (type.endsWith('32') ? draw.bits(32) << 32n : 0n)
      const pairs = Array.from({ length: RANDOM_PAIRS }, () => {
        const [a, b] = randomPair(type, draw)
        return [a | above(), b | above()] as const
      })
      expectHardware(instruction, pairs, await chain.compute(instruction, pairs))
    }).timeout(600_000)
  }

  it('heeds no more of a word than the slot in it', async () => {
    const ones = (1n << 64n) - 1n
    for (const instruction of INSTRUCTIONS) {
      const all = (1n << 256n) - 1n
      const [slot, traps] = await chain.unit.getFunction('compute')(instruction.opcode, all, all)
      expect(traps ? null : slot, instruction.name).to.equal(onHardware(instruction, ones, ones))
    }
  })

  it('traps at every opcode that is no float instruction', async () => {
    const known = new Set(INSTRUCTIONS.map(({ opcode }) => opcode))
    const small = Array.from({ length: 0x180 }, (_, opcode) => opcode)
    for (const opcode of [...small.filter((each) => !known.has(each)), (1n << 256n) - 1n]) {
      const [outcome] = await chain.compute({ opcode }, [[1n, 1n]])
      expect(outcome!.slot, `opcode ${opcode}`).to.equal(null)
    }
  })

  it('agrees with the official suite', async function () {
    if (!suiteIsThere) return this.skip()
    let count = 0
    for (const [instruction, cases] of officialCases()) {
      const pairs = cases.map(({ pair }) => pair)
      for (const [place, { slot }] of (await chain.compute(instruction, pairs)).entries()) {
        const { pair, expected, where } = cases[place]!
        expect(slot, `${where}: ${called(instruction, pair)}`).to.equal(expected)
        count++
      }
    }
    expect(count).to.equal(OFFICIAL)
  })

  it('costs no more gas than it did', async () => {
    const most: Record<string, number> = {}
    for (const instruction of INSTRUCTIONS) {
      const outcomes = await edgeOutcomes(instruction)
      most[instruction.name] = Math.max(...outcomes.map(({ gas }) => gas))
    }
    await compare('floats', most, expectClose)
  })
})

function edgePairs({ params, name }: Instruction): Pair[] {
  const [type] = params as ['f32' | 'f64']
  if (params.length === 2) return edges(type).flatMap((a) => edges(type).map((b): Pair => [a, b]))
  const more = name.endsWith('sqrt') ? hardRoots(type) : name === 'f32.demote_f64' ? DEMOTED_EDGES : []
  return [...unaryEdges(type), ...more].map((a) => [a, 0n])
}

function called({ name, params }: Instruction, pair: Pair): string {
  return `${name}(${params.map((_, place) => hex(pair[place]!)).join(', ')})`
}

function hex(bits: bigint | null): string {
  return bits === null ? 'a trap' : `0x${bits.toString(16)}`
}
