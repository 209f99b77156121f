import { buildProgram, commit, encodeInput, MACHINE_VERSION } from '@millrace/machine'
import {
  type ChainCase,
  disputeId,
  hashJob,
  hashResult,
  inconsistency,
  leaseIdOf,
  schemeLeaf,
  type Terms,
  ticketHash,
} from '@millrace/sdk'
import { zeroAddress, zeroHash } from 'viem'
import { describe, expect, it } from 'vitest'
import loadWabt from 'wabt'
import { checkPapers, type Evidence } from './evidence.ts'
import { rerun } from './rerun.ts'

const wabt = await loadWabt()
const assemble = (text: string) => wabt.parseWat('test.wat', text).toBinary({}).buffer
const QUIET = assemble('(module (func (export "_start")))')
const SPIN = assemble('(module (func (export "_start") (loop $l (br $l))))')
const INPUT = encodeInput()

/** A case over one run of `program`, in which everything fits. */
function makeCase(
  program: Uint8Array,
  fuel = 10_000n,
  { fuelUsed, price, amount } = { fuelUsed: 4n, price: 10n ** 9n, amount: 5n },
): ChainCase {
  const scheme = {
    ...{ scheme: zeroAddress, arbiter: zeroAddress, arbiterFee: 1n, machineVersion: MACHINE_VERSION },
    ...{ taskerShare: 5_000, winnerShare: 500 },
  }
  const job = {
    ...{ programRoot: buildProgram(program).root, input: commit(INPUT), fuel, outputMax: 100, deadline: 0n },
  }
  const terms: Terms = {
    ...{ ask: zeroHash, bid: zeroHash, seq: 0n, tasker: zeroAddress, taskerKey: zeroAddress },
    ...{ provider: zeroAddress, providerKey: zeroAddress, token: zeroAddress, price, jobFuel: 1n },
    ...{ fuel: 20_000n, maxFuel: 10_000n, collateral: 1n, retainer: 0n, claimFee: 0n, lateFee: 0n, bond: 1n },
    ...{ openedAt: 1_000n, end: 2_000n, grace: 0n, window: 100n, disputeLimit: 500n, store: zeroAddress },
    ...{ scheme: schemeLeaf(scheme), job: hashJob(job), taskerFeeTo: zeroAddress, taskerFee: 0 },
    ...{ providerFeeTo: zeroAddress, providerFee: 0 },
  }
  const lease = leaseIdOf(terms)
  const ticket = ticketHash({ lease, index: 0, job })
  const result = { ticket, status: 0, fuelUsed, output: zeroHash }
  const dispute = {
    ...{ lease, index: 0, result: hashResult(result), challenger: zeroAddress, bond: 1n, amount },
    openedAt: 1_500n,
  }
  return {
    ...{ id: disputeId(dispute), lease, index: 0, job, result, scheme, arbiter: zeroAddress, terms, dispute },
    ...{ challenger: zeroAddress, provider: zeroAddress, ruleBy: 2_000n },
  }
}

const evidenceOf = (program?: Uint8Array, input?: Uint8Array): Evidence => ({
  ...{ findings: [], program, input, output: undefined },
})

describe('rerun', () => {
  it('finishes, and twice alike', async () => {
    const again = await rerun(makeCase(QUIET), evidenceOf(QUIET, INPUT))
    expect(again).toMatchObject({ state: 'finished', runs: 2, outcome: { status: 0 } })
  })

  it('says how an endless loop ends: fuel is what ends it', async () => {
    const again = await rerun(makeCase(SPIN), evidenceOf(SPIN, INPUT))
    expect(again).toMatchObject({ outcome: { status: 2, fuelUsed: 10_000n } })
  })

  it.each([
    ['no program', makeCase(QUIET), evidenceOf(undefined, INPUT), /could not be had/],
    ['no input', makeCase(QUIET), evidenceOf(QUIET), /could not be had/],
    ['another program', makeCase(QUIET), evidenceOf(SPIN, INPUT), /the root/],
    ['bytes that are no program', makeCase(QUIET), evidenceOf(INPUT, INPUT), /./],
    [
      'another machine',
      { ...makeCase(QUIET), scheme: { ...makeCase(QUIET).scheme, machineVersion: 99 } },
      evidenceOf(QUIET, INPUT),
      /version 99/,
    ],
  ] as [string, ChainCase, Evidence, RegExp][])(
    'does not finish with %s',
    async (_, found, evidence, why) => {
      expect(await rerun(found, evidence)).toMatchObject({
        state: 'unfinished',
        why: expect.stringMatching(why),
      })
    },
  )

  it('does not finish where it runs longer than it may here', async () => {
    const found = makeCase(SPIN, 2n ** 62n)
    const again = await rerun(found, evidenceOf(SPIN, INPUT), { wallSeconds: 1 })
    expect(again).toMatchObject({ state: 'unfinished', why: expect.stringContaining('wall-time') })
  })
})

describe('a case', () => {
  const found = makeCase(QUIET)
  const other = { ...found.terms, price: 1n }

  it('is consistent where its facts hash to its name', () => {
    expect(inconsistency(found)).toBeUndefined()
    // The contracts count no more than the largest amount, whatever a liar says that it used.
    const most = { fuelUsed: 2n ** 64n - 1n, price: 10n ** 20n, amount: 2n ** 96n - 1n }
    expect(inconsistency(makeCase(QUIET, 10_000n, most))).toBeUndefined()
  })
  it.each([
    ['terms of another lease', { terms: other }, /terms/],
    ['another scheme', { scheme: { ...found.scheme, arbiterFee: 2n } }, /scheme/],
    ['another bond', { dispute: { ...found.dispute, bond: 2n } }, /name/],
    ['another amount', { dispute: { ...found.dispute, amount: 6n } }, /amount/],
  ] as [string, Partial<ChainCase>, RegExp][])('is not with %s', (_, change, why) => {
    expect(inconsistency({ ...found, ...change })).toMatch(why)
  })

  it('needs a job that its lease was opened for', () => {
    const domain = { name: 'Millrace', version: '1', chainId: 1, verifyingContract: zeroAddress } as const
    const stateOf = (change: Partial<ChainCase>) =>
      checkPapers({ ...found, ...change }, {}, domain).find((each) => each.piece === 'ticket')!.state
    expect(stateOf({})).toBe('right')
    expect(stateOf({ job: { ...found.job, fuel: 1n } })).toBe('wrong')
    expect(stateOf({ index: 1 })).toBe('wrong')
  })
})
