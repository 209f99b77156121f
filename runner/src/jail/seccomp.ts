/**
 * The seccomp filter of a job's process: a program for the kernel's classic BPF, as bytes for `bwrap --seccomp`.
 *
 * Default-deny: a call that is not in `syscalls.ts` answers ENOSYS, as a kernel would that never had it, so that
 * libraries fall back to an older one or give up. A call of another architecture ends the process, since its numbers
 * mean something else there.
 */
import { type Architecture, allowedCalls, conditionalCalls } from './syscalls.ts'

/** struct sock_filter: u16 code, u8 jt, u8 jf, u32 k. */
export const INSTRUCTION_BYTES = 8

/** linux/bpf_common.h, the few that are needed. */
export const BPF = {
  /** A = 32 bits of `struct seccomp_data` at k */
  load: 0x20,
  /** A &= k */
  and: 0x54,
  /** jump by jt where A = k, else by jf */
  jumpEqual: 0x15,
  jumpAtLeast: 0x35,
  return: 0x06,
} as const

/** linux/seccomp.h */
export const VERDICT = {
  allow: 0x7fff0000,
  kill: 0x80000000,
  errno: (errno: number) => 0x00050000 | errno,
} as const

/** `struct seccomp_data`: offsets of the call's number, its architecture and the low half of its arguments. */
const NUMBER = 0
const ARCHITECTURE = 4
const argument = (index: number) => 16 + 8 * index

/** linux/audit.h */
export const AUDIT_ARCH: Record<Architecture, number> = { x64: 0xc000003e, arm64: 0xc00000b7 }
/** x86-64 takes calls of the x32 ABI too, with this bit set; they are numbered differently. */
const X32_BIT = 0x40000000
const ENOSYS = 38

/** Instructions as [code, jt, jf, k]. */
type Instruction = readonly [code: number, jt: number, jf: number, k: number]

/** The filter, or nothing where this architecture's numbers are not known. */
export function seccompFilter(architecture: string): Uint8Array | undefined {
  if (architecture !== 'x64' && architecture !== 'arm64') return undefined
  const program: Instruction[] = [
    load(ARCHITECTURE),
    [BPF.jumpEqual, 1, 0, AUDIT_ARCH[architecture]],
    give(VERDICT.kill),
    load(NUMBER),
    ...(architecture === 'x64' ? [[BPF.jumpAtLeast, 0, 1, X32_BIT] as const, give(VERDICT.kill)] : []),
    // Each returns where its number is met, so that the accumulator holds the number for whoever comes next.
    ...allowedCalls(architecture).flatMap((number) => when(number, [give(VERDICT.allow)])),
    ...conditionalCalls(architecture).flatMap(({ number, arg, mask, values, errno }) =>
      when(number, [
        load(argument(arg)),
        [BPF.and, 0, 0, mask],
        ...values.flatMap((value) => when(value, [give(VERDICT.allow)])),
        give(VERDICT.errno(errno)),
      ]),
    ),
    give(VERDICT.errno(ENOSYS)),
  ]
  return assemble(program)
}

const load = (offset: number): Instruction => [BPF.load, 0, 0, offset]
const give = (verdict: number): Instruction => [BPF.return, 0, 0, verdict]
const when = (value: number, then: readonly Instruction[]): Instruction[] => [
  [BPF.jumpEqual, 0, then.length, value],
  ...then,
]

/** Both architectures are little-endian. */
function assemble(program: readonly Instruction[]): Uint8Array {
  const bytes = new Uint8Array(program.length * INSTRUCTION_BYTES)
  const view = new DataView(bytes.buffer)
  program.forEach(([code, jt, jf, k], index) => {
    const at = index * INSTRUCTION_BYTES
    view.setUint16(at, code, true)
    view.setUint8(at + 2, jt)
    view.setUint8(at + 3, jf)
    view.setUint32(at + 4, k >>> 0, true)
  })
  return bytes
}
