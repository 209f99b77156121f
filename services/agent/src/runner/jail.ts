/**
 * What stands between a job's process and the rest of the computer: how it is started, and with which limits.
 *
 * The guest is Wasm and can reach nothing but memory of its own. All of this is for the day when it breaks out
 * of the engine. In the order in which they are put on:
 *
 * - `prlimit`: CPU seconds, private memory, open files, no file may be written, no core dumps
 * - `unshare`: a user namespace without capabilities, a network namespace without network
 * - `setpriv`: no new privileges, and death with the supervisor
 * - node's permission model: no files but the runner's own code, no child processes, no workers (node's authors
 *   call it no boundary against hostile native code; it costs nothing)
 *
 * What a host does not have is left out, and `describeJail` says so.
 */
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { NATIVE_STACK_BYTES, V8_FLAGS } from '@millrace/machine'

/** What one process may use. */
export interface ProcessLimits {
  /** Most linear memory, in pages of 64 KiB. */
  readonly memoryPages: number
  /** JavaScript's own heap, in MiB. */
  readonly heapMiB: number
  /** CPU seconds over the whole life of the process, after which the kernel kills it. */
  readonly cpuSeconds: number
}

/** Layers that this host has. */
export interface Jail {
  readonly limits: boolean
  readonly network: boolean
  readonly privileges: boolean
}

const PAGE_BYTES = 65_536
const MIB = 1_048_576

/** Private memory of node itself beside heap and linear memory: code, buffers, what the allocator keeps. */
const NODE_MIB = 384

/** The machine counts stack slots; V8's stack, and under it the thread's, only have to be larger. */
const STACK_MIB = Math.ceil((1.5 * NATIVE_STACK_BYTES) / MIB)

/** Node's and V8's own threads: each reserves a stack of that size, which counts although it is not touched. */
const THREADS = 12

/** Copies of an input and an output that are in flight. */
const TRANSFER_MIB = 192

const folder = dirname(fileURLToPath(import.meta.url))

/** What a job's process runs. */
const ENTRY = join(folder, 'boot.ts')

/** Finds out which layers work here by using each once. */
export function detectJail(): Jail {
  if (process.platform !== 'linux') return { limits: false, network: false, privileges: false }
  const works = ([command, ...args]: string[]) =>
    spawnSync(command!, [...args, 'true'], { stdio: 'ignore', timeout: 5_000 }).status === 0
  return {
    limits: works(['prlimit', '--core=0']),
    network: works(UNSHARE),
    privileges: works(SETPRIV),
  }
}

/** One sentence a layer, for `doctor` and the log. */
export function describeJail(jail: Jail): string[] {
  const say = (on: boolean, yes: string, no: string) => (on ? yes : no)
  return [
    say(
      jail.limits,
      'CPU time, memory, files: limited by the kernel (prlimit).',
      'CPU time, memory, files: prlimit is missing; only V8 and the watchdog limit a job.',
    ),
    say(
      jail.network,
      'Network: none in a job’s process (user and network namespace).',
      'Network: unshare is missing or refused; a job that broke out of the engine could dial out.',
    ),
    say(
      jail.privileges,
      'Privileges: no new ones, dies with the agent (setpriv).',
      'Privileges: setpriv is missing; a job’s process may outlive a killed agent until its limits end it.',
    ),
  ]
}

/** Without prlimit the shell grants the stack that `V8_FLAGS` counts on. */
const RAISE_STACK = ['sh', '-c', `ulimit -c 0; ulimit -s ${STACK_MIB * 1024}; exec "$0" "$@"`]
const UNSHARE = ['unshare', '--user', '--net', '--ipc', '--']
const SETPRIV = ['setpriv', '--no-new-privs', '--pdeathsig', 'KILL', '--']

/**
 * The command line of a job's process. Nothing in it is secret or comes from a tasker.
 *
 * @param cache the folder of the compile cache, empty for none
 */
export function jailCommand(jail: Jail, limits: ProcessLimits, cache: string): Command {
  const data =
    limits.memoryPages * PAGE_BYTES + (limits.heapMiB + NODE_MIB + TRANSFER_MIB + THREADS * STACK_MIB) * MIB
  const prlimit = [
    'prlimit',
    '--core=0',
    '--fsize=0',
    '--nofile=64',
    `--cpu=${limits.cpuSeconds}`,
    `--data=${data}`,
    `--stack=${STACK_MIB * MIB}`,
    '--',
  ]
  const permissions = [
    '--permission',
    ...readable().map((path) => `--allow-fs-read=${path}`),
    // Node wants leave to write to its cache; the limit on file sizes lets it write nothing.
    ...(cache ? [`--allow-fs-read=${cache}/*`, `--allow-fs-write=${cache}/*`] : []),
  ]
  return inNamespace(
    jail,
    [process.execPath, ...permissions, ...engineFlags(limits), ENTRY, cache],
    jail.limits ? prlimit : RAISE_STACK,
  )
}

/**
 * The command that fills the compile cache: the runner's own code and nothing else, since it gets nothing to do.
 * Node keeps a cache for each set of flags and each user, so that both are those of the jail.
 */
export function cacheCommand(jail: Jail, limits: ProcessLimits, cache: string): Command {
  return inNamespace(jail, [process.execPath, ...engineFlags(limits), ENTRY, cache])
}

export interface Command {
  readonly command: string
  readonly args: string[]
}

function inNamespace(jail: Jail, node: readonly string[], before: readonly string[] = []): Command {
  const [command, ...args] = [
    ...before,
    // A namespace changes credentials, which would clear the death signal: setpriv comes after it.
    ...(jail.network ? UNSHARE : []),
    ...(jail.privileges ? SETPRIV : []),
    ...node,
  ]
  return { command: command!, args }
}

/**
 * What V8 and node are told. Linear memory counts towards V8's heap: beyond half of the limit each `memory.grow`
 * collects all garbage, so that a program that takes a gibibyte by small steps would take ten times as long. What
 * the process may really take is the kernel's to bound.
 */
function engineFlags(limits: ProcessLimits): string[] {
  const linearMiB = (limits.memoryPages * PAGE_BYTES) / MIB
  return [
    '--no-warnings',
    `--max-old-space-size=${Math.ceil(limits.heapMiB + 2 * linearMiB)}`,
    `--wasm-max-mem-pages=${limits.memoryPages}`,
    ...V8_FLAGS,
  ]
}

/** The runner's own code, the machine's and its packages: where they are linked and where they really are. */
function readable(): string[] {
  const machine = dirname(dirname(fileURLToPath(import.meta.resolve('@millrace/machine'))))
  const agent = dirname(dirname(folder))
  const workspace = dirname(machine)
  return [
    `${folder}/*`,
    join(agent, 'package.json'),
    `${join(agent, 'node_modules')}/*`,
    `${machine}/*`,
    join(workspace, 'package.json'),
    `${join(workspace, 'node_modules')}/*`,
  ]
}
