/** What stands between jobs and this computer, layer by layer, in words. */
import { type Detected, inspectHost, type NoWalls } from './detect.ts'

export interface Layer {
  readonly name: 'walls' | 'calls' | 'network' | 'limits' | 'privileges' | 'user'
  readonly on: boolean
  /** What it keeps away, or what it would. */
  readonly says: string
  /** What to do where it is off. */
  readonly remedy?: string
}

const INSTALL_BWRAP =
  'Install bubblewrap: `apt-get install bubblewrap`, `dnf install bubblewrap`, `apk add bubblewrap`.'
const INSTALL_UTIL_LINUX = 'Install util-linux: `apt-get install util-linux`, `apk add util-linux-misc`.'
const ALLOW_NAMESPACES =
  'Let users make namespaces: `sysctl kernel.unprivileged_userns_clone=1` (Debian), ' +
  '`sysctl kernel.apparmor_restrict_unprivileged_userns=0` (Ubuntu), `sysctl user.max_user_namespaces=10000`; ' +
  'in a container, from outside of it.'
const ONLY_LINUX = 'There is a jail on Linux only: provide from a Linux computer or a virtual machine.'

/** Every layer, in the order of their worth. */
export function jailLayers(detected: Detected = inspectHost(), uid = process.getuid?.()): Layer[] {
  const { jail, noWalls } = detected
  const { walls, limits } = jail
  return [
    walls
      ? on('walls', 'bubblewrap: a job’s process sees no files but node’s own and no other process')
      : off(
          'walls',
          `${whyNot(noWalls)}: a job that broke out of the engine could read files`,
          remedyFor(noWalls),
        ),
    walls?.filter
      ? on('calls', 'seccomp: system calls for a computation, and no others')
      : off(
          'calls',
          walls
            ? `no filter of system calls for ${process.arch}`
            : 'no filter of system calls without bubblewrap',
          walls ? 'Provide from a computer with an x86-64 or arm64 processor.' : remedyFor(noWalls),
        ),
    walls || jail.network
      ? on('network', 'a job’s process has none')
      : off('network', 'a job that broke out of the engine could dial out', remedyFor(noWalls)),
    limits
      ? on('limits', 'prlimit: CPU time, memory, files and core dumps are bounded by the kernel')
      : off(
          'limits',
          'only V8 and the watchdog limit a job',
          noWalls?.why === 'platform' ? ONLY_LINUX : INSTALL_UTIL_LINUX,
        ),
    walls || jail.privileges
      ? on('privileges', 'none to gain, and death with the agent')
      : off(
          'privileges',
          'a job’s process may outlive a killed agent until its limits end it',
          remedyFor(noWalls),
        ),
    ...(uid === 0
      ? [off('user', 'this runs as root', 'Run it as a user of its own, who owns nothing else.')]
      : []),
  ]
}

/** One sentence a layer, for a log. */
export function describeJail(detected?: Detected): string[] {
  return jailLayers(detected).map(({ name, on, says }) => `${name}: ${on ? '' : 'OFF, '}${says}.`)
}

function whyNot(noWalls: NoWalls | undefined): string {
  if (noWalls?.why === 'refused') return `bubblewrap does not work here (${noWalls.said})`
  return noWalls?.why === 'platform' ? `no jail on ${process.platform}` : 'bubblewrap is missing'
}

function remedyFor(noWalls: NoWalls | undefined): string {
  if (noWalls?.why === 'refused') return ALLOW_NAMESPACES
  return noWalls?.why === 'platform' ? ONLY_LINUX : INSTALL_BWRAP
}

const on = (name: Layer['name'], says: string): Layer => ({ name, on: true, says })
const off = (name: Layer['name'], says: string, remedy: string): Layer => ({ name, on: false, says, remedy })
