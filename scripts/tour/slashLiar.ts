import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import {
  formatAmount,
  getLease,
  type LeaseOnChain,
  readLease,
  run,
  WrongResultError,
  waitForDispute,
} from '@millrace/sdk'
import type { Hex } from 'viem'
import { EXAMPLES } from '../../examples/catalog.ts'
import { drawFlow } from './drawFlow.ts'
import { must } from './must.ts'
import { changes, drawBalances, readBalances, sumOf } from './readBalances.ts'
import { follow, gasOf, gasOfTransaction, gasText, schemeOf, summarise, type Tour } from './Tour.ts'

const RULING_LIMIT_MS = 60_000
const LOOK_MS = 50

/** The second stop: a job falls to the liar, is challenged, run again by the arbiter, and the liar pays for it. */
export async function slashLiar(tour: Tour) {
  const { stack, client, token, say } = tour
  const example = EXAMPLES.find(({ name }) => name === 'wordcount')!
  const liar = stack.accounts.liar.address
  const before = await readBalances(stack, liar)
  const { phases, onPhase } = follow(tour)

  say('The same job again, steered to the provider that lies, and checked by running it here too.')
  const wrong = await run(client, {
    program: await readFile(example.module),
    name: example.name,
    args: example.args,
    stdin: example.stdin && (await readFile(example.stdin)),
    provider: liar,
    scheme: await schemeOf(tour, 'arbiter'),
    verify: true,
    onPhase,
  }).then(
    () => undefined,
    (error: unknown) => error,
  )
  if (!(wrong instanceof WrongResultError)) {
    if (wrong !== undefined) throw wrong
    must('the wrong result is noticed', false)
  }
  const opened = phases.find(({ phase }) => phase === 'challenged')?.facts ?? {}
  const { job, caseId, bond } = opened as { job: Hex; caseId: Hex; bond: bigint }
  const lease = phases.find(({ phase }) => phase === 'leased')!.facts as { lease: Hex; collateral: bigint }
  must('the result was challenged', caseId !== undefined, { phases: phases.map(({ phase }) => phase) })

  const dispute = await waitForDispute(client, { caseId, lease: lease.lease, timeout: RULING_LIMIT_MS })
  const ended = await untilOver(() => readLease(client, { lease: lease.lease }))
  const after = await readBalances(stack, liar)
  const gained = changes(before, after)
  const rule = await gasOfTransaction(tour, dispute.verdict?.tx)
  const view = await getLease(client, { lease: lease.lease })
  const slash = await gasOfTransaction(tour, view.txs.find(({ type }) => type === 'lease.slashed')?.tx)
  say(`  ruled       ${dispute.state}: the arbiter ran it again  (gas ${gasText(rule)})`)
  say(`  slashed     ${formatAmount(-gained.provider, token)} of the liar's  (gas ${gasText(slash)})`)

  must('the arbiter found it wrong', dispute.state === 'guilty', { state: dispute.state })
  must('the lease is slashed', ended.status === 'slashed', { status: ended.status })
  must('the liar lost its whole collateral', gained.provider === -lease.collateral, { gained, ...lease })
  must('the tasker gained by it', gained.tasker > 0n, { gained })
  must('the arbiter was paid', gained.arbiter > 0n, { gained })
  const divided = lease.collateral - gained.arbiter
  must('at least a fifth of what was divided is burned', gained.burned * 5n >= divided, { gained, divided })
  must('nothing got lost', sumOf(gained) === 0n, { gained })
  must('nothing is locked any more', after.tasker.locked === 0n && after.provider.locked === 0n, { after })

  const picture = drawFlow(
    {
      from: 'liar’s collateral',
      parts: [
        { to: 'tasker, wronged and challenger', amount: gained.tasker },
        { to: 'arbiter, its fee', amount: gained.arbiter },
        { to: 'burned, so that nobody gains by challenging himself', amount: gained.burned },
      ],
    },
    token,
  )
  const { collateral } = lease
  return {
    picture: [
      `The lie cost ${formatAmount(collateral, token)}:`,
      ...picture,
      ...drawBalances(token, before, after, [
        ['tasker', 'tasker'],
        ['liar', 'provider'],
        ['arbiter', 'arbiter'],
        ['burned', 'burned'],
      ]),
    ],
    dispute: {
      ...{ job, case: caseId, lease: lease.lease, provider: liar, verdict: dispute.state },
      ...{ collateral, bond, toTasker: gained.tasker, toArbiter: gained.arbiter, burned: gained.burned },
      balances: { before, after },
      phases: summarise(phases),
    },
    gas: { challenge: gasOf(phases, 'challenged'), rule, slash },
  }
}

/** The slash follows the ruling in a transaction of its own. */
async function untilOver(read: () => Promise<LeaseOnChain>): Promise<LeaseOnChain> {
  const limit = Date.now() + RULING_LIMIT_MS
  for (;;) {
    const lease = await read()
    if (lease.status === 'slashed' || Date.now() > limit) return lease
    await delay(LOOK_MS)
  }
}
