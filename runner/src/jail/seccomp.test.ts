/** The filter is run here by an interpreter of the kernel's BPF, so that both architectures are tested on each. */
import { describe, expect, it } from 'vitest'
import { AUDIT_ARCH, BPF, INSTRUCTION_BYTES, seccompFilter, VERDICT } from './seccomp.ts'
import type { Architecture } from './syscalls.ts'

interface Asked {
  readonly number: number
  readonly architecture?: number
  readonly args?: readonly number[]
}

/** What the kernel would do: linux/net/core/filter.c, as far as the filter goes. */
function ask(filter: Uint8Array, { number, architecture = 0, args = [] }: Asked): number {
  const data = new DataView(new ArrayBuffer(64))
  data.setUint32(0, number, true)
  data.setUint32(4, architecture, true)
  args.forEach((arg, i) => void data.setBigUint64(16 + 8 * i, BigInt.asUintN(64, BigInt(arg)), true))
  const program = new DataView(filter.buffer, filter.byteOffset, filter.length)
  let accumulator = 0
  for (let pc = 0; ; pc++) {
    const at = pc * INSTRUCTION_BYTES
    const k = program.getUint32(at + 4, true)
    const jump = (taken: boolean) => program.getUint8(at + (taken ? 2 : 3))
    switch (program.getUint16(at, true)) {
      case BPF.load:
        accumulator = data.getUint32(k, true)
        break
      case BPF.and:
        accumulator = (accumulator & k) >>> 0
        break
      case BPF.jumpEqual:
        pc += jump(accumulator === k)
        break
      case BPF.jumpAtLeast:
        pc += jump(accumulator >= k)
        break
      case BPF.return:
        return k
      default:
        throw new Error(`an instruction that is not known, at ${pc}`)
    }
  }
}

const { allow, kill, errno } = VERDICT
const ENOSYS = errno(38)
const EPERM = errno(1)
const EROFS = errno(30)

describe.each<[Architecture, Record<string, number>]>([
  [
    'x64',
    {
      ...{ read: 0, mmap: 9, futex: 202, exit_group: 231, clone: 56, openat: 257, prctl: 157, ioctl: 16 },
      ...{
        socket: 41,
        fork: 57,
        ptrace: 101,
        kill: 62,
        unshare: 272,
        bpf: 321,
        io_uring_setup: 425,
        execveat: 322,
      },
    },
  ],
  [
    'arm64',
    {
      ...{ read: 63, mmap: 222, futex: 98, exit_group: 94, clone: 220, openat: 56, prctl: 167, ioctl: 29 },
      ...{ socket: 198, ptrace: 117, kill: 129, unshare: 97, bpf: 280, io_uring_setup: 425, execveat: 281 },
    },
  ],
])('the filter for %s', (architecture, n) => {
  const filter = seccompFilter(architecture)!
  const verdict = (name: string, ...args: number[]) =>
    ask(filter, { number: n[name]!, architecture: AUDIT_ARCH[architecture], args })

  it('allows what a computation calls', () => {
    for (const name of ['read', 'mmap', 'futex', 'exit_group'])
      expect([name, verdict(name)]).toEqual([name, allow])
  })

  it('knows nothing of sockets, processes, tracing, namespaces, BPF and io_uring', () => {
    const names = ['socket', 'fork', 'ptrace', 'kill', 'unshare', 'bpf', 'io_uring_setup', 'execveat']
    for (const name of names.filter((each) => each in n))
      expect([name, verdict(name)]).toEqual([name, ENOSYS])
  })

  it('allows exactly its list, of all numbers that there are', () => {
    const allowed = Array.from({ length: 1_024 }, (_, number) => number).filter(
      (number) => ask(filter, { number, architecture: AUDIT_ARCH[architecture] }) !== ENOSYS,
    )
    expect(allowed).toMatchSnapshot()
  })

  it('lets threads start, not processes or namespaces', () => {
    const THREAD = 0x3d0f00
    expect(verdict('clone', THREAD)).toBe(allow)
    expect(verdict('clone', 17)).toBe(EPERM)
    for (const bit of [0x20000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000]) {
      expect(verdict('clone', THREAD | bit)).toBe(EPERM)
    }
  })

  it('opens files to be read only', () => {
    const flags = { readOnly: 0, closeOnExec: 0o2000000 }
    for (const flag of Object.values(flags)) expect(verdict('openat', -100, 0, flag)).toBe(allow)
    for (const flag of [1, 2, 0o100, 0o1000, 0o2000]) expect(verdict('openat', -100, 0, flag)).toBe(EROFS)
  })

  it('takes no ioctl that types, no prctl but for names', () => {
    expect(verdict('ioctl', 0, 0x5401)).toBe(allow)
    expect(verdict('ioctl', 0, 0x5412)).toBe(EPERM)
    expect(verdict('prctl', 15)).toBe(allow)
    expect(verdict('prctl', 38)).toBe(EPERM)
  })

  it('ends a process that calls by another architecture’s numbers', () => {
    const other = architecture === 'x64' ? AUDIT_ARCH.arm64 : AUDIT_ARCH.x64
    expect(ask(filter, { number: n.read!, architecture: other })).toBe(kill)
    const x32 = { number: n.read! | 0x40000000, architecture: AUDIT_ARCH[architecture] }
    expect(ask(filter, x32)).toBe(architecture === 'x64' ? kill : ENOSYS)
  })

  it('is shorter than the kernel takes', () => {
    expect(filter.length / INSTRUCTION_BYTES).toBeLessThan(4_096)
  })
})

it('says where it knows no numbers', () => {
  expect(seccompFilter('riscv64')).toBeUndefined()
})
