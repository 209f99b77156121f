// What a step costs: whole transactions, and what they execute. `UPDATE_SNAPSHOTS=1 npm test -- contracts` writes it anew.
import { expect } from 'chai'
import { encode } from '../../../machine/src/isa/encoding.ts'
import { SLOTS } from '../../../machine/src/state/state.ts'
import { compare, expectClose } from '../support/snapshot.ts'
import { deployMachine, hex } from './support/chain.ts'
import { FULL, provenIn, RUNTIME, type Scene, type Shape } from './support/shapes.ts'

/** More than any transaction may cost that proves a step of a program that somebody wrote. */
const MOST = 150_000

const LEAF = 32n
const sizes = (count: bigint): [number, bigint] => [SLOTS.tableSizes, count]
const element = (index: number, slot: bigint): [number, bigint] => [SLOTS.tables + index, slot]

const SCENES: Readonly<Record<string, Scene>> = {
  br: { instruction: encode('br', 7), operands: [] },
  br_if: { instruction: encode('br_if', 7), operands: [1n] },
  call: { instruction: encode('call', 3, 7), operands: [1n, 2n, 3n] },
  call_indirect: {
    instruction: encode('call_indirect', 2, 5),
    operands: [1_000n, 2n, 3n],
    slots: new Map([element(1_000, (5n << 32n) + 12_346n)]),
  },
  return_one: {
    instruction: encode('return_one', 2),
    operands: [1n],
    locals: new Map([[3_902, (3_800n << 32n) | 77n]]),
  },
  const: { instruction: encode('const', -1n), operands: [] },
  select: { instruction: encode('select'), operands: [1n, 2n, 3n] },
  'local.get': { instruction: encode('local.get', 9), operands: [] },
  'local.set': { instruction: encode('local.set', 9), operands: [5n] },
  'i32.add': { instruction: encode('i32.add'), operands: [1n, 2n] },
  'i32.add, operands in two leaves': { instruction: encode('i32.add'), operands: [1n, 2n], split: true },
  'i64.rem_s': { instruction: encode('i64.rem_s'), operands: [3n, (1n << 64n) - 5n] },
  'f64.add': { instruction: encode('f64.add'), operands: [0x3ff0000000000001n, 0x4000000000000000n] },
  'register.set': { instruction: encode('register.set', 0), operands: [5n] },
  'global.get': { instruction: encode('global.get', 3), operands: [] },
  'i32.load': { instruction: encode('i32.load', 0, 16), operands: [8_000_000n] },
  'i64.store': { instruction: encode('i64.store', 0, 16), operands: [7n, 8_000_000n] },
  'i64.store, across two leaves': {
    instruction: encode('i64.store', 0, 0),
    operands: [7n, 8_388_604n],
    split: true,
  },
  'memory.copy': { instruction: encode('memory.copy', 0), operands: [1_000n, 250_000n * LEAF, 5n * LEAF] },
  'table.get': {
    instruction: encode('table.get', 0),
    operands: [1_000n],
    slots: new Map([element(1_000, 9n)]),
  },
  'table.copy': {
    instruction: encode('table.copy', 0),
    operands: [5n, 7_000n, 1_000n],
    split: true,
    slots: new Map([sizes(8_192n), element(1_000, 9n)]),
  },
  'input.read': { instruction: encode('input.read'), operands: [1_000n, 8n * LEAF, 9n * LEAF] },
  'output.write': { instruction: encode('output.write'), operands: [1_000n, 17n] },
}

describe('gas of a step', () => {
  let chain: Awaited<ReturnType<typeof deployMachine>>

  before(async () => {
    chain = await deployMachine()
  })

  async function measure(shape: Shape): Promise<Record<string, number>> {
    const measured: Record<string, number> = {}
    for (const [name, scene] of Object.entries(SCENES)) {
      const proven = provenIn(shape, scene)
      const [answer] = await chain.step([proven])
      expect(answer!.next, name).to.equal(hex(proven.next))
      expect(proven.registers.status, name).to.equal(0)
      measured[`${name}, bytes`] = proven.witness.length
      measured[`${name}, execution`] = answer!.gas
      measured[`${name}, transaction`] = await chain.transact(proven)
    }
    return measured
  }

  it('is what it was', async () => {
    const measured = await measure(RUNTIME)
    await compare('steps', measured, expectClose)
    for (const [name, gas] of Object.entries(measured)) {
      if (name.endsWith('transaction')) expect(gas, name).to.be.below(MOST)
    }
  })

  it('is bounded however full the trees are', async () => {
    const measured = await measure(FULL)
    const most = Math.max(...Object.values(measured))
    expect(most).to.be.below(2 * MOST)
  })
})
