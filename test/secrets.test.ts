/** Canaries: the password and the private keys of a market at work must be found nowhere but where they belong. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { schemeLeaf } from '@millrace/sdk'
import { Redis } from 'ioredis'
import { zeroAddress } from 'viem'
import { beforeAll, describe, expect, it } from 'vitest'
import wabt from 'wabt'
import {
  DEVELOPMENT_PASSWORD,
  developmentAccounts,
  developmentKey,
} from '../scripts/stack/development-accounts.ts'
import { folderOf, millrace } from './support/commandLine.ts'
import { listen } from './support/events.ts'
import { enter, type Person } from './support/people.ts'
import { descendantsOf, readProcess } from './support/processes.ts'
import { HELLO, SPIN } from './support/programs.ts'
import { useStack } from './support/stack.ts'

/** A secret of whoever starts a provider, in a variable as cloud keys are: the parts inherit it, no job may. */
const CLOUD_KEY = 'canary-4f1c6a52d9'
process.env.CLOUD_SECRET_KEY = CLOUD_KEY

const stack = useStack({ providers: ['provider1', 'liar'], watcher: true })

/** Each secret in the forms in which it could get out. */
const SECRETS: readonly { readonly name: string; readonly forms: readonly Buffer[] }[] = [
  { name: 'password', forms: formsOf(Buffer.from(DEVELOPMENT_PASSWORD), [DEVELOPMENT_PASSWORD]) },
  ...Object.entries(developmentAccounts()).map(([role, account]) => {
    const key = Buffer.from(developmentKey(account).slice(2), 'hex')
    const numeral = BigInt(developmentKey(account)).toString()
    return { name: `key of ${role}`, forms: [key, ...formsOf(key, [numeral])] }
  }),
]

let tasker: Person
let during: ReturnType<typeof descendantsOf>
let jobs: ReturnType<typeof descendantsOf>
beforeAll(async () => {
  tasker = await enter(stack(), stack().accounts.tasker)
  expect((await tasker.run(HELLO)).settled).toBe(true)
  // A dispute has the arbiter speak too, and an error each of the other parts.
  const liar = stack().accounts.liar.address
  const judged = tasker.market.schemes.find(({ arbiter }) => arbiter !== zeroAddress)!
  const wrong = { ...HELLO, provider: liar, scheme: schemeLeaf(judged), verify: true }
  const lie = await tasker.run(wrong).catch((error: unknown) => error)
  expect(lie).toMatchObject({ code: 'wrong-result' })
  const told = listen(stack(), { account: tasker.address })
  await told.ofType('lease.slashed')
  told.stop()
  await fetch(`${stack().urls.matcher}/v1/bids`, { method: 'POST', body: '{' })

  await tasker.run({
    ...{ program: SPIN, fuel: 4_000_000_000n, provider: stack().accounts.provider1.address },
    onPhase: ({ phase }) => {
      if (phase !== 'running') return
      during = descendantsOf(process.pid)
      jobs = descendantsOf(stack().providers.provider1!.pid())
    },
  })
}, 180_000)

describe('the password and the private keys', () => {
  it('are found by this search in every form, where they are', () => {
    const file = join(folderOf(stack()), 'planted')
    for (const { name, forms } of SECRETS) {
      for (const form of forms) {
        writeFileSync(file, Buffer.concat([Buffer.from('before '), form, Buffer.from(' after')]))
        expect(secretsIn(readFileSync(file))).toContain(name)
      }
    }
    rmSync(file)
  })

  it('lie in no file of the stack, be it log, journal, database, queue or blob, but the password in its own', () => {
    const folder = folderOf(stack())
    const files = filesBelow(folder)
    const found = files.flatMap((file) =>
      secretsIn(readFileSync(file)).map((secret) => [relative(folder, file), secret]),
    )
    expect(found).toEqual([[relative(folder, stack().keystores.passwordFile), 'password']])
    // What was searched is what there is: every part's log, both journals, what Redis ever wrote.
    for (const part of ['chain', 'redis', 'matcher', 'provider1', 'liar', 'arbiter', 'watcher'])
      expect(files.some((file) => file.endsWith(`${part}.log`))).toBe(true)
    for (const place of [
      /matcher\/database\/postgres\//,
      /providers\/provider1\/.*\.(db|sqlite)/,
      /watcher\/.*\.(db|sqlite)/,
      /\.aof$/,
    ])
      expect(files.filter((file) => place.test(file))).not.toEqual([])
    expect(files.some((file) => readFileSync(file).includes(tasker.address))).toBe(true)
  })

  it('are in no argument and in no variable of any process, a job’s among them', () => {
    const parts = [stack().chain, stack().redis, stack().matcher, stack().arbiter!, stack().watcher!]
    const pids = during.map(({ pid }) => pid)
    for (const part of [...parts, ...Object.values(stack().providers)]) expect(pids).toContain(part.pid())
    expect(jobs).not.toEqual([])
    for (const { pid } of jobs) expect(pids).toContain(pid)
    for (const process of during) {
      const said = [...process.arguments, ...(process.environment ?? [])].join('\n')
      expect([process.arguments, secretsIn(Buffer.from(said))]).toEqual([process.arguments, []])
    }
  })

  it('are in no key of Redis', async () => {
    const redis = new Redis(stack().urls.redis)
    const names = await redis.keys('*')
    expect(names).not.toEqual([])
    for (const name of names) {
      const value = await redis.dumpBuffer(name)
      expect([name, secretsIn(Buffer.concat([Buffer.from(name), value ?? Buffer.of()]))]).toEqual([name, []])
    }
    await redis.quit()
  })

  it('are on no page of the matcher', async () => {
    for (const path of ['/v1/market', '/metrics', '/openapi.json', '/readyz', '/v1/nothing']) {
      const page = Buffer.from(await (await fetch(stack().urls.matcher + path)).arrayBuffer())
      expect(page.length).toBeGreaterThan(0)
      expect([path, secretsIn(page)]).toEqual([path, []])
    }
  })

  it('are not repeated by a command that is given them by mistake', async () => {
    const key = developmentKey(stack().accounts.spare)
    const wrong = join(folderOf(stack()), 'wrong-password')
    writeFileSync(wrong, `${DEVELOPMENT_PASSWORD}-canary\n`)
    const mint = ['funds', 'mint', '1'] // which it must sign
    const commands = [
      ['key', 'import', key],
      ['run', '--keystore', key, 'x.wasm'],
      [...mint, '--keystore', stack().keystores.files.spare, '--password-file', wrong],
      [...mint, '--json', '--keystore', stack().keystores.files.spare, '--password-file', wrong],
    ]
    const codes = []
    for (const words of commands) {
      const { exitCode, stdout, stderr } = await millrace(stack(), words)
      expect([words, secretsIn(Buffer.from(stdout + stderr))]).toEqual([words, []])
      codes.push(exitCode)
    }
    rmSync(wrong)
    expect(codes).toEqual([2, 2, 118, 118])
  })
})

describe('a job', () => {
  it('runs in processes that inherit no variable', () => {
    // Bubblewrap says by itself where it starts.
    const own = (variable: string) => variable !== 'PWD=/'
    const inherited = readProcess(stack().providers.provider1!.pid())!.environment!
    expect(inherited).toContain(`CLOUD_SECRET_KEY=${CLOUD_KEY}`)
    for (const { environment } of jobs) expect((environment ?? []).filter(own)).toEqual([])
  })

  it('sees the variables that its tasker gave it, and no other', async () => {
    const program = await countingVariables()
    const count = async (env: Record<string, string>) =>
      (await tasker.run({ program, env, provider: stack().accounts.provider1.address })).exitCode
    expect(await count({})).toBe(0)
    expect(await count({ ONE: '1', OTHER: '2' })).toBe(2)
  })
})

function formsOf(bytes: Buffer, texts: readonly string[]): Buffer[] {
  const encoded = [bytes.toString('hex'), bytes.toString('hex').toUpperCase(), bytes.toString('base64')]
  // Padding would be another character in the middle of a longer text.
  return [...texts, ...encoded.map((text) => text.replace(/=+$/, ''))].map((text) => Buffer.from(text))
}

/** Names of the secrets that are somewhere in these bytes. */
function secretsIn(bytes: Buffer): string[] {
  return SECRETS.filter(({ forms }) => forms.some((form) => bytes.includes(form))).map(({ name }) => name)
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

/** A program that exits with the number of its environment's variables. */
async function countingVariables(): Promise<Uint8Array> {
  const { parseWat } = await wabt()
  const module = parseWat(
    'variables.wat',
    `(module
      (import "wasi_snapshot_preview1" "environ_sizes_get" (func $sizes (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
      (memory (export "memory") 1 1)
      (func (export "_start")
        (drop (call $sizes (i32.const 0) (i32.const 4)))
        (call $exit (i32.load (i32.const 0)))))`,
  )
  return module.toBinary({}).buffer
}
