import {
  type Domain,
  documentDomain,
  hashJob,
  type Job,
  type JobView,
  type LeaseView,
  leaseIdOf,
  type Scheme,
  schemeLeaf,
  signerFromKey,
  signResult,
  signTicket,
  type Terms,
  ticketHash,
} from '@millrace/sdk'
import { type Address, type Hex, keccak256, stringToHex, zeroAddress, zeroHash } from 'viem'
import { expect, it } from 'vitest'
import { checkPapers } from './papers.ts'

const domain: Domain = documentDomain(31_337, `0x${'77'.repeat(20)}`)
const signer = (name: string) => signerFromKey(keccak256(stringToHex(name)))
const [tasker, provider, stranger] = ['tasker', 'provider', 'stranger'].map(signer) as [
  ReturnType<typeof signer>,
  ReturnType<typeof signer>,
  ReturnType<typeof signer>,
]
const lower = (address: Address) => address.toLowerCase() as Address
const scheme: Scheme = {
  ...{ scheme: `0x${'33'.repeat(20)}`, arbiter: zeroAddress, arbiterFee: 1n, machineVersion: 3 },
  ...{ taskerShare: 7_000, winnerShare: 1_000 },
}
const job: Job = { programRoot: zeroHash, input: zeroHash, fuel: 100n, outputMax: 10, deadline: 0n }

/** A result as the matcher shows it, of a lease of many jobs or of one. */
async function shown(carries: boolean, by = provider, ticketBy = tasker) {
  const terms = {
    ...{
      ask: zeroHash,
      bid: zeroHash,
      seq: 0n,
      tasker: lower(tasker.address),
      taskerKey: lower(tasker.address),
    },
    ...{ provider: lower(provider.address), providerKey: lower(provider.address), token: zeroAddress },
    ...{ price: 1n, jobFuel: 0n, fuel: 100n, maxFuel: 100n, collateral: 1n, retainer: 0n, claimFee: 0n },
    ...{ lateFee: 0n, bond: 1n, openedAt: 1n, end: 2n, grace: 0n, window: 3n, disputeLimit: 4n },
    ...{ scheme: schemeLeaf(scheme), store: zeroAddress, job: carries ? hashJob(job) : zeroHash },
    ...{ taskerFeeTo: zeroAddress, taskerFee: 0, providerFeeTo: zeroAddress, providerFee: 0 },
  } as Terms
  const lease = { id: leaseIdOf(terms), terms, scheme } as LeaseView
  const ticket = { lease: lease.id, index: 0, job }
  const result = { ticket: ticketHash(ticket), status: 0, fuelUsed: 9n, output: zeroHash }
  const view = {
    ...{ id: result.ticket, lease: lease.id, ticket },
    ...(carries ? {} : { ticketSignature: await signTicket(ticketBy, domain, ticket) }),
    result: { result, signature: await signResult(by, domain, result) },
  } as unknown as JobView
  return { view, lease }
}

it.each([true, false])('takes what both keys signed (a job lease: %s)', async (carries) => {
  const { view, lease } = await shown(carries)
  const { evidence, terms } = checkPapers(domain, view, lease)
  expect(terms).toBe(lease.terms)
  expect(evidence.resultSignature).toBe(view.result!.signature)
  expect(evidence.ticketSignature).toBe(carries ? '0x' : view.ticketSignature)
})

type Shown = Awaited<ReturnType<typeof shown>>
it.each([
  [
    'other terms',
    true,
    ({ lease }) => ({ lease: { ...lease, terms: { ...lease.terms, window: 9n } } }),
    /terms/,
  ],
  [
    'another scheme',
    true,
    ({ lease }) => ({ lease: { ...lease, scheme: { ...scheme, winnerShare: 0 } } }),
    /scheme/,
  ],
  ['another job', true, ({ view }) => withJob(view, { ...job, fuel: 99n }), /job/],
  [
    'no ticket’s signature',
    false,
    ({ view }) => ({ view: { ...view, ticketSignature: undefined } }),
    /ticket/,
  ],
  ['no result', true, ({ view }) => ({ view: { ...view, result: undefined } }), /not there/],
  ['another result', true, ({ view }) => withResult(view, { status: 1 }), /signed/],
  [
    'a result of another job',
    true,
    ({ view }) => withResult(view, { ticket: zeroHash as Hex }),
    /another job/,
  ],
] as [string, boolean, (found: Shown) => Partial<Shown>, RegExp][])(
  'refuses what a matcher may show: %s',
  async (_, carries, change, why) => {
    const found = await shown(carries)
    const { view, lease } = { ...found, ...change(found) }
    expect(() => checkPapers(domain, view, lease)).toThrow(why)
  },
)

it('refuses what somebody else signed', async () => {
  const byOther = await shown(true, stranger)
  expect(() => checkPapers(domain, byOther.view, byOther.lease)).toThrow(/signed by the lease's provider/)
  const forOther = await shown(false, provider, stranger)
  expect(() => checkPapers(domain, forOther.view, forOther.lease)).toThrow(/not signed by the tasker/)
})

function withJob(view: JobView, other: Job): Pick<Shown, 'view'> {
  const ticket = { ...view.ticket, job: other }
  return { view: { ...view, ticket } }
}

function withResult(view: JobView, change: object): Pick<Shown, 'view'> {
  return { view: { ...view, result: { ...view.result!, result: { ...view.result!.result, ...change } } } }
}
