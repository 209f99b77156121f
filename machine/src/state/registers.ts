/** Words and hashes of a state, as `docs/MACHINE.md` has them. */
import { keccak256, keccakOfText } from '../io/hash.ts'
import { hashPair, LEAF_BYTES, treeDepth } from '../io/merkle.ts'
import { DEPTH, MACHINE_STATUS, type Registers } from './state.ts'

/** Of the machine that the page specifies. */
export const SPECIFICATION_VERSION = 3

/** Stack slots that a program has, as it counts them. */
const FIRST_DEPTH = 3 * 2 ** 19

const STATE_TAG = keccakOfText('millrace.state')
const PROGRAM_TAG = keccakOfText('millrace.program')
const DATA_TAG = keccakOfText('millrace.data.v1')

export const ZERO_WORD = new Uint8Array(LEAF_BYTES)

/** Registers with the bits that no honest state has set, which are kept nevertheless. */
export interface AllRegisters extends Registers {
  spare: bigint
}

/** What the world's hash is made of beside `B`: roots, and the input's commitment. */
export interface World {
  readonly memory: Uint8Array
  readonly slots: Uint8Array
  readonly input: Uint8Array
  readonly output: Uint8Array
}

/** What a program root is made of: the regions' roots and the memories' pages before the first step. */
export interface ProgramParts {
  readonly code: Uint8Array
  readonly memory: Uint8Array
  readonly slots: Uint8Array
  /** Of both memories, at the start and at most. */
  readonly pages: readonly [number, number]
  readonly maxPages: readonly [number, number]
}

export function packA(registers: Registers): Uint8Array {
  const word = new Uint8Array(LEAF_BYTES)
  const view = new DataView(word.buffer)
  view.setUint32(0, registers.pc)
  view.setUint32(4, registers.sp)
  view.setUint32(8, registers.fp)
  view.setUint32(12, registers.aux)
  view.setBigUint64(16, registers.fuel)
  view.setUint32(24, registers.depth)
  view.setUint16(28, registers.stop)
  view.setUint16(30, registers.status)
  return word
}

export function packB(registers: Registers & { readonly spare?: bigint }): Uint8Array {
  const word = new Uint8Array(LEAF_BYTES)
  const view = new DataView(word.buffer)
  view.setUint32(0, registers.pages[0])
  view.setUint32(4, registers.pages[1])
  view.setBigUint64(8, registers.outputLength)
  view.setBigUint64(16, registers.outputMax)
  view.setBigUint64(24, registers.spare ?? 0n)
  return word
}

export function unpackRegisters(a: Uint8Array, b: Uint8Array): AllRegisters {
  const first = new DataView(a.buffer, a.byteOffset, LEAF_BYTES)
  const second = new DataView(b.buffer, b.byteOffset, LEAF_BYTES)
  return {
    pc: first.getUint32(0),
    sp: first.getUint32(4),
    fp: first.getUint32(8),
    aux: first.getUint32(12),
    fuel: first.getBigUint64(16),
    depth: first.getUint32(24),
    stop: first.getUint16(28),
    status: first.getUint16(30),
    pages: [second.getUint32(0), second.getUint32(4)],
    outputLength: second.getBigUint64(8),
    outputMax: second.getBigUint64(16),
    spare: second.getBigUint64(24),
  }
}

export function worldHash(b: Uint8Array, { memory, slots, input, output }: World): Uint8Array {
  return hashWords(b, memory, slots, input, output)
}

export function stateHash(a: Uint8Array, code: Uint8Array, stack: Uint8Array, world: Uint8Array): Uint8Array {
  return hashWords(STATE_TAG, a, code, stack, world)
}

/** What a state's hash is made of beside its registers. */
export interface Roots extends World {
  readonly code: Uint8Array
  readonly stack: Uint8Array
}

/** The hash of a whole state. */
export function hashOfState(registers: Registers, roots: Roots): Uint8Array {
  return stateHash(packA(registers), roots.code, roots.stack, worldHash(packB(registers), roots))
}

export function programRootOf({ code, memory, slots, ...sizes }: ProgramParts): Uint8Array {
  const version = new Uint8Array(LEAF_BYTES)
  new DataView(version.buffer).setUint32(LEAF_BYTES - 4, SPECIFICATION_VERSION)
  return hashWords(PROGRAM_TAG, version, code, memory, slots, packPages(sizes))
}

/** The word of a program root that says how large memories are. */
export function packPages({ pages, maxPages }: Pick<ProgramParts, 'pages' | 'maxPages'>): Uint8Array {
  const word = new Uint8Array(LEAF_BYTES)
  const view = new DataView(word.buffer)
  for (const [i, count] of [...pages, ...maxPages].entries()) view.setUint32(4 * i, count)
  return word
}

export function firstRegisters(
  pages: readonly [number, number],
  limits: { readonly fuel: bigint; readonly outputMax: bigint },
): Registers {
  return {
    pc: 1,
    sp: 0,
    fp: 0,
    aux: 0,
    fuel: limits.fuel,
    depth: FIRST_DEPTH,
    stop: 0,
    status: 0,
    pages: [pages[0], pages[1]],
    outputLength: 0n,
    outputMax: limits.outputMax,
  }
}

/** @param input the input's commitment */
export function firstStateHash(
  { code, memory, slots, pages }: Omit<ProgramParts, 'maxPages'>,
  input: Uint8Array,
  limits: { readonly fuel: bigint; readonly outputMax: bigint },
): Uint8Array {
  const roots = { code, memory, slots, input, stack: ZERO_WORD, output: ZERO_WORD }
  return hashOfState(firstRegisters(pages, limits), roots)
}

/** What a final state says of its run, as a signed result has it. */
export interface FinalResult {
  /** `STATUS_CODES` of `run/status.ts`. */
  readonly statusCode: number
  readonly fuelUsed: bigint
  /** The output's commitment. */
  readonly output: Uint8Array
}

/**
 * @param outputRoot of the least tree over the output; `outputRegionRoot` makes that of the region
 * @param fuel the limit of the run
 */
export function resultOf(registers: Registers, outputRoot: Uint8Array, fuel: bigint): FinalResult {
  const { status } = registers
  if (status === 0 || status > MACHINE_STATUS.outputFull) {
    throw new RangeError(`A state of status ${status} has no result: run the machine to its end first.`)
  }
  return {
    statusCode: status - 1,
    fuelUsed: fuel - registers.fuel,
    output: dataCommitment(registers.outputLength, outputRoot),
  }
}

/** The root of the output's region, from that of the least tree over its bytes. */
export function outputRegionRoot(length: bigint, leastRoot: Uint8Array): Uint8Array {
  let root = leastRoot
  for (let level = treeDepth(Number(length)); level < DEPTH.output; level++) root = hashPair(root, ZERO_WORD)
  return root
}

/** The commitment to data of that length, whose least tree has that root. */
export function dataCommitment(length: bigint, root: Uint8Array): Uint8Array {
  return hashWords(DATA_TAG, wordOf(length), root)
}

/** A number in 32 bytes, big-endian. */
export function wordOf(value: bigint): Uint8Array {
  const word = new Uint8Array(LEAF_BYTES)
  const view = new DataView(word.buffer)
  for (let i = 0; i < 4; i++) view.setBigUint64(24 - 8 * i, BigInt.asUintN(64, value >> BigInt(64 * i)))
  return word
}

function hashWords(...words: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(words.length * LEAF_BYTES)
  for (const [i, word] of words.entries()) joined.set(word, i * LEAF_BYTES)
  return keccak256(joined)
}
