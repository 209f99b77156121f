import { readFile } from 'node:fs/promises'
import { buildProgram } from '@millrace/machine'
import { formatAmount, inputBytes, run } from '@millrace/sdk'
import type { Hex } from 'viem'
import { groupThousands } from '../../cli/src/format/groupThousands.ts'
import { EXAMPLES } from '../../examples/catalog.ts'
import { drawFlow } from './drawFlow.ts'
import { type FollowedGame, followGame } from './followGame.ts'
import { lookAtLie } from './lookAtLie.ts'
import { must } from './must.ts'
import { changes, drawBalances, readBalances, sumOf } from './readBalances.ts'
import { follow, gasText, schemeOf, summarise, type Tour } from './Tour.ts'

/** The second stop: a job falls to the liar; the watcher finds the lie, and a contract makes the step that is wrong. */
export async function proveLiar(tour: Tour) {
  const { stack, client, token, say } = tour
  const example = EXAMPLES.find(({ name }) => name === 'wordcount')!
  const program = await readFile(example.module)
  const given = {
    name: example.name,
    args: example.args,
    stdin: example.stdin && (await readFile(example.stdin)),
  }
  const liar = stack.accounts.liar.address
  const before = await readBalances(stack, liar)
  const { phases, onPhase } = follow(tour)

  say(
    'The same job again, steered to the provider that lies. Its tasker leaves: a watcher runs results again.',
  )
  const leaving = new AbortController()
  await run(client, {
    ...{ program, ...given, provider: liar, scheme: await schemeOf(tour, 'proof') },
    signal: leaving.signal,
    onPhase: (phase) => {
      onPhase(phase)
      // The bid grants all that is needed: whoever signed it need not be there.
      if (phase.phase === 'leased') leaving.abort()
    },
  }).catch((error: unknown) => {
    if (!leaving.signal.aborted) throw error
  })
  const { lease, collateral } = phases.find(({ phase }) => phase === 'leased')!.facts as {
    lease: Hex
    collateral: bigint
  }

  const followed = await followGame(tour, lease)
  const { dispute, moves, gas } = followed
  const after = await readBalances(stack, liar)
  const gained = changes(before, after)
  const lie = await lookAtLie(tour, dispute, {
    program: buildProgram(program).canonical,
    input: inputBytes(given),
  })
  must('the contract found it wrong', dispute.game.proven === true && dispute.game.loser === 'provider', {
    game: dispute.game,
  })
  must('the watcher challenged', dispute.challenger === stack.accounts.watcher.address.toLowerCase(), {
    challenger: dispute.challenger,
  })
  must('the liar lost its whole collateral', gained.provider === -collateral, { gained, collateral })
  must('the tasker gained by it', gained.tasker > 0n, { gained })
  must('the watcher was rewarded', gained.watcher > 0n, { gained })
  must('no arbiter was paid', gained.arbiter === 0n, { gained })
  must('at least a fifth is burned', gained.burned * 5n >= collateral, { gained, collateral })
  must('nothing got lost', sumOf(gained) === 0n, { gained })
  must(
    'nothing is locked any more',
    [after.tasker, after.provider, after.watcher].every(({ locked }) => locked === 0n),
    { after },
  )

  const picture = drawFlow(
    {
      from: 'liar’s collateral',
      parts: [
        { to: 'tasker, wronged', amount: gained.tasker },
        { to: 'watcher, who proved it', amount: gained.watcher },
        { to: 'burned, so that nobody gains by challenging himself', amount: gained.burned },
      ],
    },
    token,
  )
  return {
    picture: [
      ...lie.lines,
      '',
      ...drawGas(followed),
      '',
      `The lie cost ${formatAmount(collateral, token)}:`,
      ...picture,
      ...drawBalances(token, before, after, [
        ['tasker', 'tasker'],
        ['liar', 'provider'],
        ['watcher', 'watcher'],
        ['burned', 'burned'],
      ]),
    ],
    dispute: {
      ...{ case: dispute.id, lease, provider: liar, challenger: dispute.challenger, verdict: 'guilty' },
      ...{ collateral, bond: dispute.bond, toTasker: gained.tasker, toWatcher: gained.watcher },
      ...{ burned: gained.burned, moves, lie: lie.facts },
      balances: { before, after },
      phases: summarise(phases),
    },
    gas: {
      ...{ liar: gas.provider.gas, watcher: gas.challenger.gas, others: gas.others.gas },
      prove: moves.at(-1)!.gas,
    },
  }
}

function drawGas({ gas }: FollowedGame): string[] {
  const row = (name: string, { gas, transactions }: FollowedGame['gas']['provider']) =>
    `  ${name.padEnd(8)}  ${gasText(gas).padStart(9)} in ${transactions} transactions`
  const all = gas.provider.gas + gas.challenger.gas + gas.others.gas
  return [
    `The whole dispute took ${groupThousands(all.toString())} gas:`,
    row('liar', gas.provider),
    row('watcher', gas.challenger),
    ...(gas.others.transactions > 0 ? [row('others', gas.others)] : []),
  ]
}
