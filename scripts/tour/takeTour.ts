import { createMillraceClient, getMarket } from '@millrace/sdk'
import type { Stack } from '../stack/startStack.ts'
import { payHonest } from './payHonest.ts'
import { slashLiar } from './slashLiar.ts'

export type TourReport = Awaited<ReturnType<typeof takeTour>>

/** Shows a stack at work: a job that is paid for, and a lie that is punished. Fails where a step does not come out. */
export async function takeTour(stack: Stack, say: (line: string) => void) {
  const client = createMillraceClient({
    matcher: stack.urls.matcher,
    account: stack.accounts.tasker,
    pollingInterval: 50,
  })
  const market = await getMarket(client)
  const tour = { stack, client, token: market.tokens[0]!, say }

  const paid = await payHonest(tour)
  say('')
  const slashed = await slashLiar(tour)
  for (const line of ['', ...paid.picture, '', ...slashed.picture]) say(line)
  return { job: paid.job, dispute: slashed.dispute, gas: { ...paid.gas, ...slashed.gas } }
}
