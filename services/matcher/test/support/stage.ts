/** What most tests of the service begin with: a matcher over a market, two traders, and all that a job needs. */
import { buildProgram, commit } from '@millrace/machine'
import type { HDAccount } from 'viem'
import { expect } from 'vitest'
import { type Matcher, type MatcherConfig, startMatcher } from '../../src/index.ts'
import { Api, type EventLog } from './api.ts'
import { startMarket, type TestMarket } from './market.ts'
import { INPUT, makeAsk, makeBid, makeJob, PROGRAM } from './traders.ts'

export const PROGRAM_ROOT = buildProgram(PROGRAM).root

export interface Stage {
  readonly market: TestMarket
  readonly tasker: HDAccount
  /** Has one ask in the book. */
  readonly provider: HDAccount
  readonly api: Api
  /** Of the matcher. */
  readonly config: MatcherConfig
  /** Posts a bid that carries the job, and listens to what becomes of it. */
  bid(changes?: Parameters<typeof makeBid>[2]): Promise<{ digest: string; events: EventLog }>
  /** Starts the matcher over the data that it had. */
  startMatcher(): Promise<void>
  stopMatcher(): Promise<void>
  stop(): Promise<void>
}

/** @param configure what the matcher is to be told otherwise, with what that needs started */
export async function startStage(
  configure: (market: TestMarket) => Promise<Partial<MatcherConfig>> = async () => ({}),
): Promise<Stage> {
  const market = await startMarket()
  let matcher: Matcher | undefined
  const stop = async () => {
    await matcher?.stop()
    await market.stop()
  }
  try {
    const [tasker, provider] = [await market.person(10), await market.person(11)]
    const config = await market.config(await configure(market))
    matcher = await startMatcher(config)
    const api = new Api(matcher.url)
    const answers = [
      await api.putBlob(market, tasker, PROGRAM_ROOT, 'program', PROGRAM),
      await api.putBlob(market, tasker, commit(INPUT), 'data', INPUT),
      await api.post('/v1/asks', (await makeAsk(market, provider)).body),
    ]
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201])
    return {
      ...{ market, tasker, provider, api, config, stop },
      bid: async (changes) => {
        const { body } = await makeBid(market, tasker, { job: makeJob(PROGRAM_ROOT), ...changes })
        const { status, json } = await api.post('/v1/bids', body)
        expect(status).toBe(201)
        return { digest: json.digest, events: await api.listen(`order=${json.digest}`, '0') }
      },
      startMatcher: async () => {
        matcher = await startMatcher(config)
        api.url = matcher.url
      },
      stopMatcher: async () => {
        await matcher?.stop()
        matcher = undefined
      },
    }
  } catch (error) {
    await stop()
    throw error
  }
}
