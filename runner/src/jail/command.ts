/**
 * How a job's process is started.
 *
 * The guest is Wasm and can reach nothing but memory of its own. All of this is for the day when it breaks out of
 * the engine. Where the host has bubblewrap:
 *
 * - namespaces of its own for users, processes, network, IPC, host name, control groups; no capabilities; a session of
 *   its own; death with the supervisor
 * - an empty read-only file system that holds node, its libraries, prlimit and the runner's one file; no /proc, no /dev
 * - a filter that lets through the system calls of `syscalls.ts`
 * - `prlimit`: CPU seconds, private memory, threads, open files, no file may be written, no core dumps
 *
 * Else what there is of prlimit, `unshare` (a network namespace without network), `setpriv` (no new privileges, death
 * with the supervisor) and node's permission model, which its authors call no boundary against hostile native code.
 */
import { engineFlags, limitOptions, type ProcessLimits, RAISE_STACK } from './limits.ts'

/** Layers that this host has. */
export interface Jail {
  /** prlimit: the kernel's limits on time, memory and files. */
  readonly limits: boolean
  /** bubblewrap: everything outside is out of sight. Absent where it is missing or refused. */
  readonly walls?: Walls
  /** unshare: no network. In use where there are no walls. */
  readonly network: boolean
  /** setpriv: no new privileges, death with the agent. In use where there are no walls. */
  readonly privileges: boolean
}

/** What bubblewrap is given. */
export interface Walls {
  /** Where bubblewrap is. */
  readonly bwrap: string
  /** Where prlimit is; it is run inside, so that it can count the jail's threads alone. */
  readonly prlimit: string | undefined
  /** Programs and libraries that are bound into the empty file system, each at its own path. */
  readonly files: readonly string[]
  /** The filter of system calls; absent on an architecture whose numbers are not known. */
  readonly filter: Uint8Array | undefined
  /** Whether threads can be counted for the jail alone. */
  readonly countThreads: boolean
}

export interface Command {
  readonly command: string
  readonly args: string[]
  /** Goes into descriptor {@link FILTER_FD}. */
  readonly filter?: Uint8Array | undefined
  /** Whether the process says on descriptor {@link INFO_FD} as whom the job runs. */
  readonly info: boolean
}

export const FILTER_FD = 3
export const INFO_FD = 4

/** Where the runner's file is inside the walls. */
const INSIDE = '/runner.mjs'
/** The overflow user, who owns nothing. */
const NOBODY = '65534'

export const UNSHARE = ['unshare', '--user', '--net', '--ipc', '--']
export const SETPRIV = ['setpriv', '--no-new-privs', '--pdeathsig', 'KILL', '--']

/** The command line of a job's process. Nothing in it is secret or comes from a tasker. */
export function jailCommand(jail: Jail, limits: ProcessLimits, bundle: string): Command {
  const node = [process.execPath, ...engineFlags(limits)]
  if (jail.walls) {
    const files = [...jail.walls.files.map((path) => [path, path] as const), [bundle, INSIDE] as const]
    const { prlimit, countThreads } = jail.walls
    const program = [...node, INSIDE]
    if (prlimit)
      return enclose(jail.walls, files, [prlimit, ...limitOptions(limits, countThreads), ...program])
    const { command, args, ...rest } = enclose(jail.walls, files, program)
    return { ...rest, command: RAISE_STACK[0]!, args: [...RAISE_STACK.slice(1), command, ...args] }
  }
  const [command, ...args] = [
    ...(jail.limits ? ['prlimit', ...limitOptions(limits, false)] : RAISE_STACK),
    // A namespace changes credentials, which would clear the death signal: setpriv comes after it.
    ...(jail.network ? UNSHARE : []),
    ...(jail.privileges ? SETPRIV : []),
    ...[...node, '--permission', `--allow-fs-read=${bundle}`, bundle],
  ]
  return { command: command!, args, info: false }
}

/** A program behind the walls that sees these files and nothing else. */
export function enclose(
  { bwrap, filter }: Pick<Walls, 'bwrap' | 'filter'>,
  files: readonly (readonly [outside: string, inside: string])[],
  program: readonly string[],
): Command {
  const args = [
    ...['--unshare-all', '--uid', NOBODY, '--gid', NOBODY, '--hostname', 'job', '--cap-drop', 'ALL'],
    ...['--die-with-parent', '--new-session', '--as-pid-1', '--clearenv'],
    ...files.flatMap(([outside, inside]) => ['--ro-bind', outside, inside]),
    // Distributions that keep libraries in unusual places name them here.
    ...['--ro-bind-try', '/etc/ld.so.cache', '/etc/ld.so.cache'],
    ...['--remount-ro', '/', '--chdir', '/'],
    ...['--info-fd', String(INFO_FD), ...(filter ? ['--seccomp', String(FILTER_FD)] : [])],
    ...['--', ...program],
  ]
  return { command: bwrap, args, filter, info: true }
}
