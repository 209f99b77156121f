import { createMillraceClient, getMarket } from '@millrace/sdk'
import type { Stack } from '../stack/startStack.ts'
import { payHonest } from './payHonest.ts'
import { proveLiar } from './proveLiar.ts'
import { slashLiar } from './slashLiar.ts'

/** How its second stop ends: by the contract's own step, or by an arbiter's judgement. */
export const TOURS = ['proof', 'arbiter'] as const
export type TourKind = (typeof TOURS)[number]

export type TourReport = Awaited<ReturnType<typeof takeTour>>

/** Shows a stack at work: a job that is paid for, and a lie that is punished. Fails where a step does not come out. */
export async function takeTour(stack: Stack, say: (line: string) => void, kind: TourKind) {
  const client = createMillraceClient({
    matcher: stack.urls.matcher,
    account: stack.accounts.tasker,
    pollingInterval: 50,
  })
  const market = await getMarket(client)
  const tour = { stack, client, token: market.tokens[0]!, say }

  const paid = await payHonest(tour)
  say('')
  const punished = kind === 'proof' ? await proveLiar(tour) : await slashLiar(tour)
  for (const line of ['', ...paid.picture, '', ...punished.picture]) say(line)
  return { tour: kind, job: paid.job, dispute: punished.dispute, gas: { ...paid.gas, ...punished.gas } }
}
