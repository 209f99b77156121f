/**
 * What somebody finds who has broken out of the engine: native code and node itself, behind the same walls and the
 * same filter as a job. Each probe is run outside too, where it must succeed: else it would prove nothing.
 */
import { type StdioOptions, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, closeSync, existsSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Call, nativeProbe, probeResults } from '../fixtures/nativeProbe.ts'
import { type Command, enclose, jailCommand } from './command.ts'
import { inspectHost } from './detect.ts'
import { jailLayers } from './layers.ts'
import { limitOptions } from './limits.ts'
import { spawnJailed } from './spawn.ts'

const { jail } = inspectHost()
const { walls } = jail
const why = walls ? '' : ` (skipped: ${jailLayers().find(({ name }) => name === 'walls')?.says})`
const LIMITS = { memoryPages: 1_024, heapMiB: 64, cpuSeconds: 20 }

async function finish(command: Command): Promise<{ code: number | null; out: Buffer; err: string }> {
  const { child } = spawnJailed(command, () => {})
  child.stdin!.end()
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const [out, err] = await Promise.all([buffer(child.stdout!), buffer(child.stderr!)])
  return { code: await ended, out, err: err.toString() }
}

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-probe-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

describe.skipIf(!walls || process.arch !== 'x64')(`native code behind the walls${why}`, () => {
  /** Writes a probe and gives back how it is run inside. */
  const probe = (name: string, calls: readonly Call[]) => {
    const path = join(folder, name)
    writeFileSync(path, nativeProbe(calls))
    chmodSync(path, 0o755)
    return { path, inside: enclose(walls!, [[path, '/probe']], ['/probe']) }
  }

  const ENOENT = -2
  const EPERM = -1
  const EROFS = -30
  const ENOSYS = -38
  const HERE = -100n // AT_FDCWD
  const CREATE = 0o102
  const SIGCHLD = 17
  const NEW_USER = 0x10000000

  /** Each with what it must return inside. Outside, those that are harmless there are tried first. */
  const calls: [name: string, call: Call, inside: number, outside?: 'succeeds'][] = [
    ['socket, internet', [41, 2, 1, 0], ENOSYS, 'succeeds'],
    ['socket, unix', [41, 1, 1, 0], ENOSYS, 'succeeds'],
    ['socket, netlink', [41, 16, 3, 0], ENOSYS, 'succeeds'],
    ['open /etc/passwd', [257, HERE, '/etc/passwd', 0, 0], ENOENT, 'succeeds'],
    ['open /proc/self/status', [257, HERE, '/proc/self/status', 0, 0], ENOENT, 'succeeds'],
    ['open /dev/null to write', [257, HERE, '/dev/null', 1, 0], EROFS, 'succeeds'],
    ['openat to create', [257, HERE, '/tmp/never', CREATE, 0o600], EROFS],
    ['open to create', [2, '/tmp/never', CREATE, 0o600], EROFS],
    ['memfd_create', [319, 'x', 0], ENOSYS, 'succeeds'],
    ['mkdir', [83, '/never', 0o700], ENOSYS],
    ['ptrace, traceme', [101, 0, 0, 0, 0], ENOSYS, 'succeeds'],
    ['process_vm_readv', [310, 1, 0, 0, 0, 0, 0], ENOSYS],
    ['kill, everybody', [62, -1n, 0], ENOSYS, 'succeeds'],
    ['pidfd_open', [434, 1, 0], ENOSYS, 'succeeds'],
    ['fork', [57], ENOSYS],
    ['vfork', [58], ENOSYS],
    ['clone, a process', [56, SIGCHLD, 0, 0, 0, 0], EPERM],
    ['clone, a namespace', [56, NEW_USER | 0x10000 | SIGCHLD, 0, 0, 0, 0], EPERM],
    ['clone3', [435, 0, 0], ENOSYS],
    ['unshare', [272, NEW_USER], ENOSYS],
    ['setns', [308, 0, 0], ENOSYS],
    ['mount', [165, 'none', '/', 'tmpfs', 0, 0], ENOSYS],
    ['chroot', [161, '/'], ENOSYS],
    ['bpf', [321, 0, 0, 0], ENOSYS],
    ['perf_event_open', [298, 0, 0, 0, 0, 0], ENOSYS],
    ['io_uring_setup', [425, 1, 0], ENOSYS],
    ['userfaultfd', [323, 0], ENOSYS],
    ['keyctl', [250, 0, 0, 0, 0, 0], ENOSYS],
    ['personality', [135, 0xffffffff], ENOSYS, 'succeeds'],
    ['prlimit of another', [302, 2, 7, 0, 0], EPERM],
    ['prctl, set a tracer', [157, 0x59616d61, -1n, 0, 0, 0], EPERM],
    ['ioctl, type into the terminal', [16, 0, 0x5412, 0], EPERM],
    ['execve, a shell', [59, '/bin/sh', 0, 0], ENOENT],
    ['getpid', [39], 1, 'succeeds'],
    ['getuid', [102], 65_534, 'succeeds'],
  ]

  it('gets nothing that a computation does not need', async () => {
    const { inside } = probe(
      'inside',
      calls.map(([, call]) => call),
    )
    const { out, err } = await finish(inside)
    const found = probeResults(out)
    expect(
      calls.map(([name], i) => [name, found[i]]),
      err,
    ).toEqual(calls.map(([name, , want]) => [name, want]))
  })

  it('gets it outside: the probe does ask', () => {
    const asked = calls.filter(([, , , outside]) => outside)
    const { path } = probe(
      'outside',
      asked.map(([, call]) => call),
    )
    // Its pipe is short and its parent this process, which nothing here touches.
    const found = probeResults(spawnSync(path, { env: {} }).stdout)
    expect(found).toHaveLength(asked.length)
    expect(asked.filter((_, i) => found[i]! < 0).map(([name]) => name)).toEqual([])
  })

  it('dies of a call by the numbers of another architecture', async () => {
    const { inside } = probe('x32', [[0x40000000 | 39]])
    const { code, out } = await finish(inside)
    expect({ code, written: out.length }).toEqual({ code: 128 + 31, written: 0 }) // SIGSYS
  })
})

describe.skipIf(!walls)(`node behind the walls${why}`, () => {
  const script = `
    const attempt = async (work) => { try { return await work() } catch (error) { return String(error.code ?? error.message) } }
    const fs = require('node:fs'), net = require('node:net'), cp = require('node:child_process')
    const dial = (host, port) => attempt(() => new Promise((resolve, reject) => {
      const socket = net.connect({ host, port }).once('connect', () => resolve('connected')).once('error', reject)
      socket.setTimeout(300, () => { socket.destroy(); resolve('no answer') })
    }))
    ;(async () => {
      const [port] = process.argv.slice(1)
      console.log(JSON.stringify({
        environment: Object.keys(process.env),
        root: fs.readdirSync('/').sort(),
        home: await attempt(() => fs.readdirSync('/home')),
        host: await attempt(() => fs.readFileSync('/etc/passwd', 'utf8').length > 0),
        processes: await attempt(() => fs.readdirSync('/proc')),
        write: await attempt(() => fs.writeFileSync('/x', 'x')),
        folder: await attempt(() => fs.mkdirSync('/x')),
        ipv4: await dial('127.0.0.1', port),
        ipv6: await dial('::1', port),
        metadata: await dial('169.254.169.254', 80),
        child: await attempt(() => cp.spawnSync(process.execPath, ['-e', '0']).error?.code ?? 'ran'),
        thread: await attempt(() => new Promise((resolve, reject) => {
          new (require('node:worker_threads').Worker)('0', { eval: true }).once('exit', () => resolve('ran')).once('error', reject)
        })),
        pid: process.pid,
        host_name: require('node:os').hostname(),
      }))
    })()`

  it('finds no environment, no files, no network, no processes', async () => {
    const server = createServer((socket) => socket.end()).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as { port: number }
    const node = [process.execPath, '-e', script, String(port)]

    // Outside it reaches all of that.
    const free = JSON.parse(await finishOutside(node))
    expect(free).toMatchObject({ host: true, ipv4: 'connected', child: 'ran' })

    const files = walls!.files.map((path) => [path, path] as const)
    const limits = walls!.prlimit ? [walls!.prlimit, ...limitOptions(LIMITS, walls!.countThreads)] : []
    const { out, err } = await finish(enclose(walls!, files, [...limits, ...node]))
    server.close()
    expect(out.length, err).toBeGreaterThan(0)
    const found = JSON.parse(out.toString())
    const roots = new Set(files.map(([path]) => path.split('/')[1]!))
    expect(found).toMatchObject({
      environment: ['PWD'],
      root: [...new Set([...roots, 'etc'])].sort(),
      home: roots.has('home') ? expect.anything() : 'ENOENT',
      ...{ host: 'ENOENT', processes: 'ENOENT', write: 'EROFS', folder: 'ENOSYS' },
      ...{ ipv4: 'ENOSYS', ipv6: 'ENOSYS', metadata: 'ENOSYS', child: 'ENOSYS' },
      ...{ thread: 'ran', pid: 1, host_name: 'job' },
    })
  })

  it('runs the job from a command in which the runner’s own folder is named once', () => {
    const { args } = jailCommand(jail, LIMITS, '/elsewhere/bundle.mjs')
    expect(args.filter((arg) => arg.includes('elsewhere'))).toEqual(['/elsewhere/bundle.mjs'])
    expect(args.at(-1)).toBe('/runner.mjs')
  })
})

describe.runIf(process.platform === 'linux')('an agent', () => {
  const script = fileURLToPath(new URL('../fixtures/jobMain.ts', import.meta.url))
  /** Far from the others: node closes on exec what it inherits up to the first gap. */
  const descriptor = 100
  const command = ['--no-warnings', script, String(descriptor)]

  it('gives a job no file that it was started with', () => {
    const secret = join(folder, 'left-open')
    writeFileSync(secret, 'not for jobs')
    const file = openSync(secret, 'r')
    const stdio: StdioOptions = ['ignore', 'pipe', 'inherit', ...Array(descriptor - 3).fill('ignore'), file]
    const { stdout } = spawnSync(process.execPath, command, { stdio, encoding: 'utf8' })
    closeSync(file)
    expect(JSON.parse(stdout)).toMatchObject({ agent: secret, job: '/dev/null' })
  })

  it('takes its jobs with it when it is killed', async () => {
    const agent = spawn(process.execPath, command, { stdio: ['pipe', 'pipe', 'inherit'] })
    const [chunk] = await once(agent.stdout!, 'data')
    const { pid } = JSON.parse(String(chunk))
    expect(existsSync(`/proc/${pid}`)).toBe(true)
    agent.kill('SIGKILL')
    await expect.poll(() => existsSync(`/proc/${pid}`), { timeout: 5_000 }).toBe(false)
  })
})

async function finishOutside([command, ...args]: string[]): Promise<string> {
  const plain: Command = { command: command!, args, info: false }
  return (await finish(plain)).out.toString()
}
