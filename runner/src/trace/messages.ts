/**
 * What the supervisor and a trace's process say to each other, and how the supervisor makes sure that an answer is one:
 * the far end may be in a guest's hands. Bytes travel in the body; integers past 32 bits as decimal strings.
 *
 * | supervisor says | body | process answers | body |
 * | --- | --- | --- | --- |
 * | `open` fuel, outputMax, memoryPages, tamper | program, input | `opened` or `refused` | |
 * | `statesAt` | steps, eight bytes each | | hashes |
 * | `ending` | | `ending` | |
 * | `output` | | | the output |
 * | `proveAt` step | | | state, next state, witness |
 * | `lookAt` step | | | the view as JSON |
 *
 * On the way to an answer the process says `put` with a block, `get` with a block's number, which the supervisor answers
 * with that block, and `progress` with the number of steps that it has done.
 */
import type { Ending, StepProof, StepView } from '@millrace/sdk'
import { bytesToHex, type Hex, isHex } from 'viem'
import { BadFrameError, type Frame } from '../frames.ts'
import { unsigned } from '../limited.ts'
import { escapeControls } from '../printable.ts'

const HASH_BYTES = 32
/** A witness is about a kilobyte; the machine's bound on one is far below this. */
const MAX_WITNESS_BYTES = 256 * 1024
export const MAX_PROOF_BYTES = 2 * HASH_BYTES + MAX_WITNESS_BYTES
export const MAX_VIEW_BYTES = 64 * 1024
/** Of an instruction's text and a function's name. */
const TEXT_CHARS = 500
/** Values that an instruction takes or leaves: no instruction has more. */
const MOST_VALUES = 64
/** After so many steps every run is over; a grid may reach further. */
const MOST_STEPS = 2n ** 64n - 1n

/** A step as it travels. */
export const stepText = (step: bigint): string => clamp(step).toString()

export function packSteps(steps: readonly bigint[]): Uint8Array {
  return new Uint8Array(BigUint64Array.from(steps, clamp).buffer)
}

export function unpackSteps(body: Uint8Array): bigint[] {
  return [...new BigUint64Array(body.slice().buffer)]
}

export const packStates = (states: readonly Uint8Array[]): Uint8Array => join(states)
export const statesBytes = (count: number): number => count * HASH_BYTES

export function readStates({ body }: Frame, count: number): Hex[] {
  if (body.length !== statesBytes(count)) throw new BadFrameError(`${body.length} bytes for ${count} hashes.`)
  return Array.from({ length: count }, (_, i) =>
    bytesToHex(body.subarray(HASH_BYTES * i, HASH_BYTES * (i + 1))),
  )
}

export function packProof(proof: { state: Uint8Array; next: Uint8Array; witness: Uint8Array }): Uint8Array {
  return join([proof.state, proof.next, proof.witness])
}

export function readProof({ body }: Frame): StepProof {
  if (body.length <= 2 * HASH_BYTES) throw new BadFrameError(`A proof of ${body.length} bytes.`)
  return {
    state: bytesToHex(body.subarray(0, HASH_BYTES)),
    next: bytesToHex(body.subarray(HASH_BYTES, 2 * HASH_BYTES)),
    witness: bytesToHex(body.subarray(2 * HASH_BYTES)),
  }
}

/** Bytes as hex and integers as text, all the way down. */
export function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return bytesToHex(value)
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, plain(field)]))
}

export function readEnding({ head }: Frame, limits: { fuel: bigint }): Ending {
  const ending = fields(head.ending)
  const program = fields(ending.program)
  const last = fields(ending.last)
  const { status } = ending
  if (!Number.isInteger(status) || Number(status) < 0 || Number(status) > 4) throw bad('status')
  const fuelUsed = integer(ending, 'fuelUsed')
  if (fuelUsed > limits.fuel) throw bad('fuelUsed')
  return {
    steps: integer(ending, 'steps'),
    status: Number(status),
    fuelUsed,
    output: hash(ending, 'output'),
    outputRoot: hash(ending, 'outputRoot'),
    programRoot: hash(ending, 'programRoot'),
    program: {
      code: hash(program, 'code'),
      memory: hash(program, 'memory'),
      slots: hash(program, 'slots'),
      pages: hash(program, 'pages'),
    },
    last: {
      registers: hash(last, 'registers'),
      sizes: hash(last, 'sizes'),
      stack: hash(last, 'stack'),
      memory: hash(last, 'memory'),
      slots: hash(last, 'slots'),
      input: hash(last, 'input'),
      output: hash(last, 'output'),
    },
  }
}

export function writeView(view: StepView): Uint8Array {
  const text = JSON.stringify(view, (_, value) => (typeof value === 'bigint' ? value.toString() : value))
  return new TextEncoder().encode(text)
}

/** Names of functions are the guest's, so that nothing in a text may steer a terminal. */
export function readView({ body }: Frame): StepView {
  const view = fields(parse(body))
  if (!Number.isSafeInteger(view.pc) || Number(view.pc) < 0) throw bad('pc')
  if (typeof view.function !== 'string' && !Number.isSafeInteger(view.function)) throw bad('function')
  return {
    step: integer(view, 'step'),
    pc: Number(view.pc),
    instruction: text(view.instruction),
    function: typeof view.function === 'string' ? text(view.function) : Number(view.function),
    fuel: integer(view, 'fuel'),
    operands: values(view, 'operands'),
    results: values(view, 'results'),
  }
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}

const clamp = (step: bigint): bigint => (step > MOST_STEPS ? MOST_STEPS : step)
const bad = (what: string) => new BadFrameError(`An answer whose “${what}” is none.`)

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body))
  } catch {
    throw new BadFrameError('An answer that is not JSON.')
  }
}

type Fields = Record<string, unknown>

function fields(value: unknown): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw bad('object')
  return value as Fields
}

function hash(from: Fields, name: string): Hex {
  const value = from[name]
  if (!isHex(value) || value.length !== 2 + 2 * HASH_BYTES) throw bad(name)
  return value
}

function integer(from: Fields, name: string): bigint {
  const value = unsigned(from[name])
  if (value === undefined || value > MOST_STEPS) throw bad(name)
  return value
}

function values(from: Fields, name: string): bigint[] {
  const list = from[name]
  if (!Array.isArray(list) || list.length > MOST_VALUES) throw bad(name)
  return list.map((value) => integer({ value }, 'value'))
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw bad('text')
  return escapeControls(value.slice(0, TEXT_CHARS))
}
