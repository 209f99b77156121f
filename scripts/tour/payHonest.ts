import { readFile } from 'node:fs/promises'
import { amountOf, formatAmount, run } from '@millrace/sdk'
import { formatFuel } from '../../cli/src/format/formatFuel.ts'
import { EXAMPLES } from '../../examples/catalog.ts'
import { drawFlow } from './drawFlow.ts'
import { must } from './must.ts'
import { changes, readBalances } from './readBalances.ts'
import { follow, gasOf, summarise, type Tour } from './Tour.ts'

/** In this order, each once. */
const WAY = ['prepared', 'quoted', 'signed', 'matched', 'leased', 'running', 'finished', 'checked', 'paid']

interface Quoted {
  readonly most: bigint
  readonly price: bigint
  readonly parts: { readonly flat: bigint }
}

/** The first stop: a job is quoted, signed, matched, leased, run, checked and paid. */
export async function payHonest(tour: Tour) {
  const { stack, client, token, say } = tour
  const example = EXAMPLES.find(({ name }) => name === 'wordcount')!
  const expected = await readFile(example.expected, 'utf8')
  const provider = stack.accounts.provider1.address
  const before = await readBalances(stack, provider)
  const { phases, onPhase } = follow(tour)

  say('A job: the most frequent words of a text, counted by a C program.')
  const report = await run(client, {
    program: await readFile(example.module),
    name: example.name,
    args: example.args,
    stdin: example.stdin && (await readFile(example.stdin)),
    onPhase,
  })
  for (const line of report.stdout.trimEnd().split('\n').slice(0, 3)) say(`    ${line}`)

  const after = await readBalances(stack, provider)
  const { most, price, parts } = phases.find(({ phase }) => phase === 'quoted')!.facts as unknown as Quoted
  const gained = changes(before, after)
  must(
    'every phase was gone through once, in order',
    phases.map(({ phase }) => phase).join() === WAY.join(),
    {
      phases: phases.map(({ phase }) => phase),
    },
  )
  must('the program exited with 0', report.status === 'exited' && report.exitCode === 0, { ...report })
  must('its output is the expected one', report.stdout === expected, { stdout: report.stdout })
  must('the cheapest provider ran it', report.provider.toLowerCase() === provider.toLowerCase(), {
    provider: report.provider,
  })
  must('it is settled on chain', report.settled)
  must('it cost no more than was quoted', report.paid > 0n && report.paid <= most, {
    most,
    paid: report.paid,
  })
  must('the tasker paid exactly that', gained.tasker === -report.paid, { gained, paid: report.paid })
  const earned = amountOf(price, report.fuelUsed) + parts.flat
  must(
    'the price is the fuel and the flat part, and the fee of each side comes on top and off',
    report.paid >= earned && earned >= gained.provider,
    { gained, earned, flat: parts.flat },
  )
  must('nothing got lost', gained.tasker + gained.provider + gained.treasury === 0n, { gained })
  must('nothing is locked any more', after.tasker.locked === 0n && after.provider.locked === 0n, { after })

  const amount = (value: bigint) => formatAmount(value, token)
  const open = gasOf(phases, 'leased')
  const close = gasOf(phases, 'paid')
  const picture = drawFlow(
    {
      from: 'tasker',
      parts: [
        { to: 'provider', amount: gained.provider },
        { to: 'matcher, its fee', amount: gained.treasury },
        { to: 'tasker, not used', amount: most - report.paid },
      ],
    },
    token,
  )
  return {
    picture: [
      `The job cost ${formatAmount(report.paid, token)} of at most ${formatAmount(most, token)}:`,
      ...picture,
      `The price: ${amount(earned - parts.flat)} for ${formatFuel(report.fuelUsed)} and ${amount(parts.flat)} flat; ` +
        `the matcher takes ${amount(report.paid - earned)} on top and ${amount(earned - gained.provider)} off.`,
    ],
    job: {
      ...{ id: report.id, order: report.order, lease: report.lease, provider: report.provider },
      ...{ status: report.status, exitCode: report.exitCode, fuelUsed: report.fuelUsed },
      ...{ most, paid: report.paid, fee: gained.treasury, token: report.token, symbol: token.symbol },
      phases: summarise(phases),
    },
    gas: { open, close },
  }
}
