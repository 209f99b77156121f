/** Every command of `millrace` against one real market, bad input included. */
import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { leasesAbi } from '@millrace/sdk/abi'
import { describe, expect, it } from 'vitest'
import { EXAMPLES, HOSTILE, REFUSED } from '../examples/catalog.ts'
import { placeBid } from './support/bids.ts'
import { chainOf } from './support/chain.ts'
import { answer, folderOf, millrace } from './support/commandLine.ts'
import { enter } from './support/people.ts'
import { HELLO } from './support/programs.ts'
import { useStack } from './support/stack.ts'

const BLOB_LIMIT = 2 ** 20
/** Of the programs that misbehave, one for each way to end; the others are in market.test.ts. */
const SHORT = ['fail', 'trap', 'spin', 'recurse', 'flood']

const stack = useStack({
  providers: ['provider1', 'liar'],
  arbiter: false,
  matcher: { blobBytes: BLOB_LIMIT },
})
const modules = (name: string) => fileURLToPath(new URL(`../examples/${name}.wasm`, import.meta.url))
const hello = modules('hello/hello')
const statusOf = {
  exited: undefined,
  trapped: 101,
  'out-of-fuel': 102,
  'stack-exhausted': 103,
  'output-full': 104,
}
const example = (name: string) => EXAMPLES.find((each) => each.name === name)!
const jobCount = async () =>
  (await answer<{ jobs: unknown[] }>(stack(), ['job', 'list', '--limit', '100'])).jobs.length

describe('doctor', () => {
  it('finds everything in order', async () => {
    const { exitCode, findings } = await answer<{ findings: { name: string; level: string }[] }>(stack(), [
      'doctor',
    ])
    expect(exitCode).toBe(0)
    for (const name of ['node', 'matcher', 'clock', 'chain', 'machine', 'keystore']) {
      expect(findings).toContainEqual(expect.objectContaining({ name, level: 'ok' }))
    }
  })

  it('finds a chain that is not the matcher’s', async () => {
    const { exitCode, stdout } = await millrace(stack(), ['doctor', '--rpc', stack().urls.matcher])
    expect(exitCode).toBe(119)
    expect(stdout).toMatch(/FAIL +chain +.*answers something else/)
  })
})

describe('quote', () => {
  it('says the most that a program can cost', async () => {
    const { exitCode, stdout } = await millrace(stack(), ['quote', hello, '--fuel', '1G'])
    expect(exitCode).toBe(0)
    // A gigafuel at the price of the cheapest, and the matcher's fee for an order that meets an older one.
    expect(stdout).toContain('0.10075 TEST, all in')
  })

  it('says who judges, by which clock, and what makes lying a loss', async () => {
    const words = ['quote', hello, '--fuel', '100M']
    const proven = await millrace(stack(), [...words, '--scheme', 'proof'])
    expect(proven.stdout).toMatch(/dispute +\d+ min.* at most; whoever is right proves it/)
    expect(proven.stdout).toMatch(/clocks +\d+ min.* for who challenges/)
    // Ten times what a lie earns is at stake, of which a puppet can save a tenth: 1 / (1 + 9).
    expect(proven.stdout).toContain('nothing on average where 10 % of results are checked')
    expect(proven.stdout).toMatch(/at 5 % +that takes a collateral of .*, more than is there/)
    expect((await millrace(stack(), [...words, '--checked', '20'])).stdout).toMatch(
      /at 20 % .*, which is there/,
    )

    type Offer = { dispute: Record<'limit' | 'collateralNeeded', string> & { proof: Record<string, string> } }
    const { dispute } = await answer<Offer>(stack(), [...words, '--scheme', 'proof'])
    // Ten of 64 parts; nobody named a limit, so it is the least that a proof has time in.
    expect(BigInt(dispute.proof.challengerClock!)).toBe((BigInt(dispute.limit) * 10n) / 64n)
    expect(dispute.proof.leastLimit).toBe(dispute.limit)

    const arbiter = stack().accounts.arbiter.address.toLowerCase()
    const judged = await millrace(stack(), [...words, '--scheme', 'arbiter'])
    expect(judged.stdout).toContain(`judged by ${arbiter}`)
    expect((await millrace(stack(), [...words, '--scheme', 'jury'])).exitCode).toBe(2)
  })
})

describe('trace', () => {
  const words = ['trace', hello, '--no-stdin', '--at', '1k', '--prove']

  it('has the contract of the market check the proof of a step', async () => {
    const { machine } = stack().deployment
    const { proof } = await answer<{ proof: { contract: { address: string; gas: string } } }>(stack(), words)
    expect(proof.contract.address).toBe(machine.toLowerCase())
    // A whole transaction, below what any step may cost.
    expect(Number(proof.contract.gas)).toBeGreaterThan(21_000)
    expect(Number(proof.contract.gas)).toBeLessThan(150_000)
  })

  it.each([
    ['another contract', () => stack().deployment.escrow.toLowerCase(), 1, 'proof-differs'],
    ['no contract', () => `0x${'11'.repeat(20)}`, 2, 'bad-value'],
  ])('is not taken in by %s', async (_, address, code, word) => {
    const { exitCode, stderr } = await millrace(stack(), [...words, '--machine', address()])
    expect(exitCode).toBe(code)
    expect(stderr).toContain(`[${word}]`)
  })
})

describe('run', () => {
  it('writes what the program wrote, to the byte, and follows it on stderr', async () => {
    const { args, stdin, expected } = example('wordcount')
    const words = ['run', modules('wordcount/wordcount'), '--', ...args]
    const { exitCode, stdout, stderr } = await millrace(stack(), words, { stdin: readFileSync(stdin!) })
    expect(exitCode).toBe(0)
    expect(stdout).toBe(readFileSync(expected, 'utf8'))
    const phases = stderr.split('\n').map((line) => line.split(' ')[0])
    expect(phases).toEqual(expect.arrayContaining(['quoted', 'signed', 'leased', 'checked', 'paid']))
  })

  it('shows files and folders to the program', async () => {
    const text = fileURLToPath(new URL('../examples/texts/', import.meta.url))
    const words = (option: string) => [
      '-q',
      'run',
      modules('search/search'),
      ...option.split(' '),
      '--',
      'river',
    ]
    const file = await millrace(stack(), [...words(`--file /t.txt=${text}millrace.txt`), '/t.txt'])
    const folder = await millrace(stack(), [...words(`--dir /texts=${text}`), '/texts/millrace.txt'])
    expect(file.exitCode).toBe(0)
    expect(file.stderr).toBe('')
    expect(folder.stdout).toBe(readFileSync(example('search').expected, 'utf8'))
  })

  it('lets no program command a terminal, and changes nothing that is piped', async () => {
    const file = join(folderOf(stack()), 'hostile.txt')
    writeFileSync(file, 'river \u001b]0;mine\u0007')
    const words = ['run', modules('search/search'), '--file', `/t.txt=${file}`, '--', 'river', '/t.txt']
    expect((await millrace(stack(), words, { terminal: true })).stdout).toContain('river \\x1b]0;mine\\x07')
    expect((await millrace(stack(), words)).stdout).toContain('river \u001b]0;mine\u0007')
  })

  it('answers with JSON on stdout alone', async () => {
    const report = await answer<{ status: string; stdoutBase64: string; paid: string }>(stack(), [
      'run',
      hello,
    ])
    expect(report).toMatchObject({ ok: true, exitCode: 0, status: 'exited', settled: true, symbol: 'TEST' })
    expect(atob(report.stdoutBase64)).toContain('Hello')
    expect(report.paid).toMatch(/^\d+$/)
  })

  it.each(HOSTILE.filter(({ name }) => SHORT.includes(name)))(
    'tells how $name ended, with what it wrote',
    async ({ module, status, exitCode, stdout }) => {
      const words = ['run', fileURLToPath(module), '--verify', '--fuel', '50M', '--output-max', '4k']
      const called = await millrace(stack(), words)
      expect(called.exitCode).toBe(statusOf[status] ?? exitCode)
      if (stdout !== undefined) expect(called.stdout).toBe(stdout)
      if (status === 'trapped') expect(called.stderr).toMatch(/why: .+, as the provider says/)
      expect(called.stderr).toContain('paid ')
    },
  )
})

describe('what cannot run is refused before anything is signed', () => {
  it.each(REFUSED)('$name', async ({ module, because }) => {
    const before = await jobCount()
    const words = ['run', fileURLToPath(module)]
    const { exitCode, error } = await answer<{ error: Record<string, unknown> }>(stack(), words)
    expect(exitCode).toBe(111)
    expect(error).toMatchObject({ code: 'module-refused', retryable: false })
    expect(error.facts).toMatchObject({ section: expect.any(String), offset: expect.any(Number) })
    expect(error.message).toMatch(because)
    expect(await jobCount()).toBe(before)
  })

  it.each([
    ['no Wasm', () => Buffer.from('this is no Wasm'), 'module-refused'],
    ['one cut short', () => readFileSync(hello).subarray(0, 1_000), 'module-refused'],
    ['an input over the limit', () => readFileSync(hello), 'blob-too-large'],
  ])('%s', async (_, bytes, code) => {
    const file = join(folderOf(stack()), 'bad.wasm')
    writeFileSync(file, bytes())
    const stdin = code === 'blob-too-large' ? new Uint8Array(BLOB_LIMIT + 1) : ''
    const { exitCode, error } = await answer<{ error: { code: string } }>(stack(), ['run', file], { stdin })
    expect({ exitCode, code: error.code }).toEqual({ exitCode: 111, code })
  })
})

describe('a job that nobody serves', () => {
  it('is told why, counted by reason', async () => {
    const { exitCode, stderr } = await millrace(stack(), ['run', hello, '--fuel', '100T'])
    expect(exitCode).toBe(112)
    expect(stderr).toMatch(/2 candidates, and why each does not fit:\n +2 × +job-too-large/)
  })

  it('is not signed where it can cost more than allowed', async () => {
    const words = ['run', hello, '--fuel', '1G', '--max-price', '0.1']
    const { exitCode, stderr } = await millrace(stack(), words)
    expect(exitCode).toBe(112)
    expect(stderr).toContain('It can cost 0.10075 TEST, and --max-price allows 0.1 TEST.')
  })

  it('waits in the book, says why, and can be taken back', async () => {
    const tasker = await enter(stack(), stack().accounts.tasker)
    const change = <B extends { maxPrice: bigint }>(bid: B) => ({ ...bid, maxPrice: 1n })
    const { digest } = await placeBid(stack(), tasker, { ...HELLO, change })
    const why = await millrace(stack(), ['job', 'why', digest])
    expect(why.stdout).toMatch(/2 × +price/)
    const cancelled = await millrace(stack(), ['job', 'cancel', digest])
    expect(cancelled.stdout).toContain('cancelled')
    expect(cancelled.stdout).toContain(`millrace job cancel ${digest} --on-chain`)
    expect((await millrace(stack(), ['job', 'wait', digest])).exitCode).toBe(114)
  })

  it('is taken back on chain, every attempt of it, and by its owner alone', async () => {
    const tasker = await enter(stack(), stack().accounts.tasker)
    const change = <B extends { maxPrice: bigint }>(bid: B) => ({ ...bid, maxPrice: 1n })
    const { digest, order } = await placeBid(stack(), tasker, { ...HELLO, attempts: 2, change })
    const words = ['job', 'cancel', digest, '--on-chain']
    const others = await answer<{ error: { code: string } }>(stack(), words, {
      env: {
        MILLRACE_KEYSTORE: stack().keystores.files.spare,
        MILLRACE_PASSWORD_FILE: stack().keystores.passwordFile,
      },
    })
    expect(others.error.code).toBe('not-the-owner')

    const { txs, ...told } = await answer<{ txs: string[] }>(stack(), words)
    expect(told).toMatchObject({ exitCode: 0, status: 'cancelled', onChain: true, leases: [] })
    expect(txs.length).toBeGreaterThan(0)
    for (const nonce of [order.nonce, order.nonce + 1n]) {
      const bits = await chainOf(stack()).readContract({
        address: stack().deployment.leases,
        abi: leasesAbi,
        functionName: 'nonceBits',
        args: [order.account, nonce >> 8n],
      })
      expect((bits >> (nonce & 255n)) & 1n).toBe(1n)
    }
  })
})

describe('money', () => {
  /** A key that nothing else in this file touches. */
  const spare = () => ({
    MILLRACE_KEYSTORE: stack().keystores.files.spare,
    MILLRACE_PASSWORD_FILE: stack().keystores.passwordFile,
  })

  it('that is missing is named, and deposited on demand', async () => {
    const env = spare()
    const funds = await answer<{ free: string }>(stack(), ['funds'], { env })
    expect(funds.free).toBe((10_000n * 10n ** 18n).toString())
    const tooMuch = await millrace(stack(), ['funds', 'withdraw', '10001'], { env })
    expect(tooMuch).toMatchObject({ exitCode: 113 })
    expect(tooMuch.stderr).toContain('Only 10000 TEST are free to be taken out.')
    expect((await millrace(stack(), ['funds', 'withdraw', '10000'], { env })).exitCode).toBe(0)

    const poor = await millrace(stack(), ['run', hello, '--fuel', '1G'], { env })
    expect(poor.exitCode).toBe(113)
    expect(poor.stderr).toContain('Too little money: 0.10075 TEST are missing.')
    const helped = await millrace(stack(), ['run', hello, '--fuel', '1G', '--deposit'], { env })
    expect(helped.exitCode).toBe(0)
    expect(helped.stderr).toMatch(/funded +0\.10075 TEST deposited/)
  })

  it('can be made, where it is worth nothing, and deposited', async () => {
    const env = spare()
    expect((await millrace(stack(), ['funds', 'mint', '5'], { env })).exitCode).toBe(0)
    expect((await answer(stack(), ['funds', 'deposit', '5'], { env })).credited).toBe(
      (5n * 10n ** 18n).toString(),
    )
    expect((await millrace(stack(), ['funds', 'deposit', '1e3'], { env })).exitCode).toBe(2)
    const unheld = await millrace(stack(), ['funds', 'deposit', '1000000'], { env })
    expect(unheld).toMatchObject({ exitCode: 113 })
    expect(unheld.stderr).toMatch(/The wallet has too little to deposit: [\d.]+ TEST are missing/)
  })
})

describe('a lie', () => {
  it('is found by --verify, locks money with a reason, and is ruled by the arbiter’s command', async () => {
    const liar = stack().accounts.liar.address
    const words = ['run', hello, '--provider', liar, '--verify', '--scheme', 'arbiter']
    const { exitCode, error } = await answer<{ error: { facts: { caseId: string; job: string } } }>(
      stack(),
      words,
    )
    expect(exitCode).toBe(115)
    const { caseId, job } = error.facts

    const funds = await millrace(stack(), ['funds'])
    expect(funds.stdout).toMatch(/TEST in lease 0x\S+: .*; free at the latest/)
    const why = async () => (await millrace(stack(), ['job', 'why', job])).stdout
    await expect.poll(why, { timeout: 60_000 }).toContain('disputed: ')

    expect((await millrace(stack(), ['resolve'])).stdout).toContain(caseId)
    const looked = await millrace(stack(), ['resolve', caseId])
    expect(looked.stdout).toContain('Suggested: guilty')
    const ruled = await millrace(stack(), ['resolve', caseId, '--auto'])
    expect(ruled.stdout).toContain('Ruled guilty')
    await expect.poll(why, { timeout: 60_000 }).toContain('slashed: ')
    expect((await millrace(stack(), ['resolve'])).stdout).toBe('No open cases.\n')
  })
})

describe('leaving and coming back', () => {
  // A second of a fast core: on a slow day, the signal comes late.
  const slow = ['run', modules('hostile/spin'), '--fuel', '4G']

  it('a real Ctrl-C detaches and says how to come back', async () => {
    const bin = fileURLToPath(new URL('../cli/bin/millrace.mjs', import.meta.url))
    const child = spawn(process.execPath, [bin, ...slow], {
      cwd: folderOf(stack()),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const exitCode = new Promise((resolve) => child.once('close', resolve))
    let said = ''
    child.stderr.on('data', (chunk) => {
      if (!said.includes('leased ') && `${said}${chunk}`.includes('leased ')) child.kill('SIGINT')
      said += chunk
    })
    expect(await exitCode).toBe(130)
    const [, order = ''] = /millrace job wait (0x\w+)/.exec(said) ?? []
    const back = await millrace(stack(), ['job', 'wait', order])
    expect(back.exitCode).toBe(102)
    expect(back.stderr).toContain('paid ')
  })

  it('Ctrl-C before anything is signed leaves nothing behind', async () => {
    const before = await jobCount()
    const stopped = await millrace(stack(), slow, { interruptAt: 'prepared ' })
    expect(stopped.exitCode).toBe(130)
    expect(stopped.stderr).toContain('nothing is locked')
    expect(await jobCount()).toBe(before)
  })

  it('--timeout stops waiting, and the job goes on', async () => {
    const late = await millrace(stack(), [...slow, '--timeout', '0.1s'])
    expect(late.exitCode).toBe(117)
    const [, order = ''] = /millrace job wait (0x\w+)/.exec(late.stderr) ?? []
    expect((await millrace(stack(), ['job', 'wait', order])).exitCode).toBe(102)
  })
})

describe('job', () => {
  it('lists, shows and logs', async () => {
    const { jobs } = await answer<{ jobs: { id: string }[] }>(stack(), [
      'job',
      'list',
      '--state',
      'paid',
      '--limit',
      '1',
    ])
    const [{ id } = { id: '' }] = jobs
    const shown = await millrace(stack(), ['job', 'show', id])
    expect(shown.stdout).toMatch(/^job +0x/)
    const steps = [...shown.stdout.matchAll(/^\d+\.\d\d s +(\w+)/gm)].map(([, step]) => step)
    expect(steps).toEqual(['queued', 'dispatched', 'accepted', 'result', 'paid'])
    expect((await millrace(stack(), ['job', 'logs', id])).stdout).toContain('accepted')
  })

  it.each([
    [['job', 'show', `0x${'0'.repeat(64)}`], 1],
    [['job', 'show', 'first'], 2],
    [['job', 'list', '--state', 'lost'], 2],
    [['run', hello, '--fuel', 'lots'], 2],
    [['run', hello, '--matcher', 'http://127.0.0.1:1'], 118], // a development key serves its own matcher alone
    [['job', 'list', '--everyone', '--matcher', 'http://127.0.0.1:1'], 116],
  ])('%j ends with %i', async (words, exitCode) =>
    expect((await millrace(stack(), words)).exitCode).toBe(exitCode),
  )
})

describe('provide', () => {
  const offer = ['--quiet', 'provide', '--price', '0.2', '--data-dir', 'mine']

  it('offers, and on Ctrl-C takes the offer back and ends', async () => {
    const called = await millrace(stack(), offer, { interruptAt: 'Offering' })
    expect(called.exitCode).toBe(0)
    expect(called.stdout).toMatch(/^Offering as 0x\w+; .*\nEnded after 0 jobs\.\n$/)
  })

  it('tells a person on a terminal what happens in words', async () => {
    const words = ['provide', '--price', '0.2', '--data-dir', 'mine']
    const { stderr } = await millrace(stack(), words, { terminal: true, interruptAt: 'Offering' })
    expect(stderr).toMatch(/^\d\d:\d\d:\d\d {2}offered {2}ask 0x\w+…\w+ {2}price 0\.2 TEST/m)
    expect(stderr).not.toContain('"level"')
  })

  it('does not lie outside a development stack', async () => {
    const { error } = await answer<{ error: { code: string } }>(stack(), [...offer, '--lie'])
    expect(error.code).toBe('bad-config')
  })
})
