/**
 * An agent's defence as a process that a test can kill: `node defenceMain.ts <folder> <rpc> <position>`, with the market
 * on standard input. Ends when no case of its leases is open any more. Its log is on standard output.
 */
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { openTracer } from '@millrace/runner'
import { createMillraceClient, type Market } from '@millrace/sdk'
import { developmentAccount } from '../../../scripts/stack/development-accounts.ts'
import { makeLog } from '../src/agent.ts'
import { connectDisputes } from '../src/connect/disputes.ts'
import { createDefence } from '../src/defence/defence.ts'
import { openJournal } from '../src/journal/journal.ts'
import { thaw } from '../src/journal/values.ts'

const [folder, rpcUrl, position] = process.argv.slice(2) as [string, string, string]
const client = createMillraceClient({
  ...{ matcher: 'http://127.0.0.1:1', account: developmentAccount(Number(position)), rpcUrl },
  pollingInterval: 20,
})
const market = thaw<Market>(await text(process.stdin))
client.cache.market = Promise.resolve(market)
const journal = openJournal(folder)
const disputes = await connectDisputes(client)
const defence = createDefence({
  ...{ journal, disputes, places: 1, schemes: market.schemes, onSettled: () => {} },
  matcher: { fetchBlob: () => Promise.reject(new Error('no matcher here')) },
  openTrace: (source) => openTracer({ ...source, memoryPages: 64, dir: join(folder, 'traces') }),
  log: makeLog('info', process.stdout),
})
const [lease] = journal.liveLeases()
const areOpen = async () =>
  (await disputes.openCases(lease!.terms.openedAt, (id) => id === lease!.id)).length > 0
do {
  await defence.pass()
  await delay(50)
} while (defence.status().games.length > 0 || (await areOpen()))
await defence.stop()
journal.close()
