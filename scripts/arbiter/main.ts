/**
 * An arbiter's commands, each a function of its own beside this file:
 *
 *   node scripts/arbiter/main.ts list     --matcher URL --arbiter 0x…
 *   node scripts/arbiter/main.ts evidence --matcher URL --case 0x…
 *   node scripts/arbiter/main.ts rerun    --matcher URL --case 0x…
 *   node scripts/arbiter/main.ts compare  --matcher URL --case 0x…
 *   node scripts/arbiter/main.ts rule     --matcher URL --case 0x… --verdict guilty|clean --reason TEXT
 *   node scripts/arbiter/main.ts resolve  --matcher URL --case 0x… [--auto]
 *   node scripts/arbiter/main.ts watch    --matcher URL
 *
 * `rule`, `resolve --auto` and `watch` sign: the key comes on standard input as {"privateKey":"0x…"}, since a
 * command line can be read by others. `--rpc URL` names a node; `--json` prints one object a line.
 */
import { text } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import { createMillraceClient, type MillraceClient, readCase } from '@millrace/sdk'
import type { Address, Hex } from 'viem'
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import { compare } from './compare.ts'
import { gatherEvidence } from './evidence.ts'
import { listCases } from './list.ts'
import { printResolution, toJson } from './print.ts'
import { rerun } from './rerun.ts'
import { resolve, watchAndResolve } from './resolve.ts'
import { ruleCase } from './rule.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    matcher: { type: 'string' },
    rpc: { type: 'string' },
    arbiter: { type: 'string' },
    case: { type: 'string' },
    verdict: { type: 'string' },
    reason: { type: 'string', default: '' },
    auto: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})

class UsageError extends Error {}

function need(name: 'matcher' | 'arbiter' | 'case'): string {
  const value = values[name]
  if (!value) throw new UsageError(`--${name} is missing.`)
  return value
}

async function readAccount(): Promise<PrivateKeyAccount> {
  const { privateKey } = JSON.parse(await text(process.stdin)) as { privateKey: Hex }
  return privateKeyToAccount(privateKey)
}

const openClient = (account?: PrivateKeyAccount): MillraceClient =>
  createMillraceClient({ matcher: need('matcher'), rpcUrl: values.rpc, account })

/** One object on stdout, or lines. */
function say(object: unknown, lines: readonly string[]): void {
  process.stdout.write(values.json ? `${toJson(object)}\n` : `${lines.join('\n')}\n`)
}

const commands: Record<string, () => Promise<void>> = {
  list: async () => {
    const cases = await listCases(openClient(), need('arbiter') as Address)
    say(
      cases,
      cases.map((view) => `${view.id}  rule before ${new Date(Number(view.ruleBy) * 1_000).toISOString()}`),
    )
  },
  evidence: async () => {
    const client = openClient()
    const { findings } = await gatherEvidence(client, await readCase(client, need('case') as Hex))
    say(
      findings,
      findings.map(({ piece, state, detail }) => `${piece}: ${state} (${detail})`),
    )
  },
  rerun: async () => {
    const client = openClient()
    const found = await readCase(client, need('case') as Hex)
    const again = await rerun(found, await gatherEvidence(client, found))
    if (again.state === 'unfinished') say(again, [`unfinished: ${again.why}`])
    else say(again, [`status ${again.outcome.status}, fuel ${again.outcome.fuelUsed}`])
  },
  compare: async () => {
    const client = openClient()
    const found = await readCase(client, need('case') as Hex)
    const evidence = await gatherEvidence(client, found)
    const again = await rerun(found, evidence)
    if (again.state === 'unfinished') return say(again, [`unfinished: ${again.why}`])
    const comparison = compare(found.result, evidence.output, again.outcome)
    const lines = comparison.differences.flatMap((each) => [
      `${each.what}: signed ${each.claimed}, own run ${each.own}`,
      ...(each.view ?? []),
    ])
    say(comparison, comparison.same ? ['the same in status, fuel and output'] : lines)
  },
  rule: async () => {
    const { verdict, reason } = values
    if (verdict !== 'guilty' && verdict !== 'clean') throw new UsageError('--verdict is guilty or clean.')
    const client = openClient(await readAccount())
    const ruling = await ruleCase(client, await readCase(client, need('case') as Hex), verdict, reason)
    say(ruling, [`Ruled ${ruling.verdict} in ${ruling.tx}, ${ruling.gas} gas.`])
  },
  resolve: async () => {
    const client = openClient(values.auto ? await readAccount() : undefined)
    const resolution = await resolve({ client, case: need('case') as Hex, auto: values.auto })
    say(resolution, printResolution(resolution))
  },
  watch: async () => {
    const account = await readAccount()
    const stopping = new AbortController()
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stopping.abort())
    await watchAndResolve({
      ...{ matcher: need('matcher'), rpcUrl: values.rpc, account, signal: stopping.signal },
      onResolution: (resolution) => say(resolution, printResolution(resolution)),
      onError: (error, id) => process.stderr.write(`${id ? `case ${id}: ` : ''}${error.message}\n`),
    })
  },
}

const command = commands[positionals[0] ?? '']
try {
  if (!command) throw new UsageError(`One of: ${Object.keys(commands).join(', ')}.`)
  await command()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
  process.exitCode = error instanceof UsageError ? 2 : 1
}
