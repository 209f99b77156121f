/** What the kernel lets one job's process use, and what V8 in it is told. */
import { release } from 'node:os'
import { LIBRARY_PAGES, NATIVE_STACK_BYTES, V8_FLAGS } from '@millrace/machine'

/** What one process may use. */
export interface ProcessLimits {
  /** Most linear memory of the program's own, in pages of 64 KiB; that of the machine's library comes on top. */
  readonly memoryPages: number
  /** How many times as much the process may hold; once where it is not said. */
  readonly copies?: number
  /** JavaScript's own heap, in MiB. */
  readonly heapMiB: number
  /** CPU seconds over the whole life of the process, after which the kernel kills it. */
  readonly cpuSeconds: number
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

/** Several times what node starts: a bound on bombs, not on V8. */
const MOST_THREADS = 64

/**
 * The options of `prlimit`. Not the address space: V8 reserves far more of it than it uses.
 *
 * @param countThreads where the process is alone in its user namespace: elsewhere its threads count together with
 *   all that its user runs
 */
export function limitOptions(limits: ProcessLimits, countThreads: boolean): string[] {
  const data = linearBytes(limits) + (limits.heapMiB + NODE_MIB + TRANSFER_MIB + THREADS * STACK_MIB) * MIB
  return [
    '--core=0',
    '--fsize=0',
    '--nofile=64',
    `--cpu=${limits.cpuSeconds}`,
    `--data=${data}`,
    `--stack=${STACK_MIB * MIB}`,
    ...(countThreads ? [`--nproc=${MOST_THREADS}`] : []),
    '--',
  ]
}

/** Since Linux 5.14 each user namespace counts its own processes. */
export function countsPerNamespace(kernel = release()): boolean {
  const [major = 0, minor = 0] = kernel.split('.').map(Number)
  return major > 5 || (major === 5 && minor >= 14)
}

/** Without prlimit the shell grants the stack that `V8_FLAGS` counts on. */
export const RAISE_STACK = ['sh', '-c', `ulimit -c 0; ulimit -s ${STACK_MIB * 1024}; exec "$0" "$@"`]

/**
 * What V8 and node are told. Linear memory counts towards V8's heap: beyond half of the limit each `memory.grow`
 * collects all garbage, so that a program that takes a gibibyte by small steps would take ten times as long. What
 * the process may really take is the kernel's to bound.
 */
export function engineFlags(limits: ProcessLimits): string[] {
  const linearMiB = linearBytes(limits) / MIB
  return [
    '--no-warnings',
    `--max-old-space-size=${Math.ceil(limits.heapMiB + 2 * linearMiB)}`,
    `--wasm-max-mem-pages=${Math.max(limits.memoryPages, LIBRARY_PAGES)}`,
    ...V8_FLAGS,
  ]
}

function linearBytes({ memoryPages, copies = 1 }: ProcessLimits): number {
  return copies * (memoryPages + LIBRARY_PAGES) * PAGE_BYTES
}
