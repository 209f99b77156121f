import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import type { JobReport, Token } from '@millrace/sdk'
import { zeroAddress, zeroHash } from 'viem'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCommandLine } from '../program.ts'
import { follow } from './follow.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const ORDER = `0x${'12'.repeat(32)}` as const
const TOKEN = { address: zeroAddress, symbol: 'TEST', decimals: 18 } as Token
const REPORT: JobReport = {
  ...{ id: zeroHash, order: ORDER, lease: zeroHash, provider: zeroAddress, token: zeroAddress },
  ...{ status: 'exited', exitCode: 0, fuelUsed: 1n, paid: 1n, settled: true },
  ...{ stdout: 'said', stderr: '', output: { stdout: bytes('said'), stderr: bytes('') } },
  ...{ files: { 'a/b.txt': bytes('made') }, folders: ['empty'] },
}
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-follow-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function openSession() {
  const streams = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() }
  const session = { env: {}, cwd: folder, ...streams, interrupted: new AbortController().signal }
  const read = (name: 'stdout' | 'stderr') => (streams[name].read() as Buffer | null)?.toString() ?? ''
  return { session, read }
}

describe('how a program ended', () => {
  const lastLine = async (report: Partial<JobReport>) => {
    const { session, read } = openSession()
    await follow(session, {}, TOKEN, async () => ({ ...REPORT, files: {}, folders: [], ...report }))
    return read('stderr')
  }

  it('is told with the provider’s word on why it trapped, and with what may be where there is none', async () => {
    expect(await lastLine({ status: 'trapped', trap: 'divide by zero' })).toBe(
      'millrace: the program trapped after 1 fuel; why: divide by zero, as the provider says.\n',
    )
    expect(await lastLine({ status: 'trapped' })).toContain('such as reaching `unreachable`')
  })

  it('lets no provider command the terminal', async () =>
    expect(await lastLine({ status: 'trapped', trap: '\u001b[2J' })).toContain('\\x1b[2J'))
})

describe('the files of a result', () => {
  it('are written where the user said', async () => {
    const { session, read } = openSession()
    await follow(session, {}, TOKEN, async () => REPORT, { out: folder })
    expect(readFileSync(join(folder, 'a', 'b.txt'), 'utf8')).toBe('made')
    expect([read('stdout'), read('stderr')]).toEqual(['said', `millrace: 2 files from /out in ${folder}.\n`])
  })

  it('are told of where the user said nothing, with the way to them', async () => {
    const { session, read } = openSession()
    await follow(session, {}, TOKEN, async () => REPORT, { signed: ORDER })
    expect(read('stderr')).toContain(`\`millrace job wait ${ORDER} --out DIR\` writes them`)
  })

  it('are in the JSON as base64', async () => {
    const { json } = await follow(openSession().session, { json: true }, TOKEN, async () => REPORT)
    expect(json).toMatchObject({ filesBase64: { 'a/b.txt': btoa('made') }, folders: ['empty'] })
    expect(json).not.toHaveProperty('files')
  })

  it('need an empty folder, before anything is signed', async () => {
    const { session, read } = openSession()
    await follow(session, {}, TOKEN, async () => REPORT, { out: folder })
    read('stderr')
    const module = join(import.meta.dirname, '../../../examples/hello/hello.wasm')
    expect(await runCommandLine(['run', module, '--no-stdin', '--out', folder], session)).toBe(111)
    expect(read('stderr')).toContain('[out-not-empty]')
  })
})
