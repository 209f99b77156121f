/** Makes sure that an answer of a trace's process is one: that process may be in a guest's hands. */
import { TAMPER_FIELDS, type Tamper, type TamperField } from '@millrace/machine/steps'
import type { Ending, StepProof, StepView } from '@millrace/sdk'
import type { Hex } from 'viem'
import { BadFrameError, type Frame } from '../frames.ts'
import { unsigned } from '../limited.ts'
import { escapeControls } from '../printable.ts'
import { HASH_BYTES, hexOf, MOST_STEPS } from './messages.ts'

/** A witness is about a kilobyte; the machine's bound on one is far below this. */
const MAX_WITNESS_BYTES = 256 * 1024
export const MAX_PROOF_BYTES = 2 * HASH_BYTES + MAX_WITNESS_BYTES
export const MAX_VIEW_BYTES = 64 * 1024
/** Of an instruction's text and a function's name. */
const TEXT_CHARS = 500
/** Values that an instruction takes or leaves, and places that it writes: no instruction has more. */
const MOST_VALUES = 64
const HEX = /^0x([0-9a-f]{2})*$/

export const statesBytes = (count: number): number => count * HASH_BYTES

export function readStates({ body }: Frame, count: number): Hex[] {
  if (body.length !== statesBytes(count)) throw new BadFrameError(`${body.length} bytes for ${count} hashes.`)
  return Array.from({ length: count }, (_, i) => hexOf(body.subarray(HASH_BYTES * i, HASH_BYTES * (i + 1))))
}

export function readProof({ body }: Frame): StepProof {
  if (body.length <= 2 * HASH_BYTES) throw new BadFrameError(`A proof of ${body.length} bytes.`)
  return {
    state: hexOf(body.subarray(0, HASH_BYTES)),
    next: hexOf(body.subarray(HASH_BYTES, 2 * HASH_BYTES)),
    witness: hexOf(body.subarray(2 * HASH_BYTES)),
  }
}

export function readEnding({ head }: Frame): Ending {
  const ending = fields(head.ending)
  const program = fields(ending.program)
  const last = fields(ending.last)
  return {
    steps: integer(ending.steps),
    status: small(ending.status),
    fuelUsed: integer(ending.fuelUsed),
    output: hash(ending.output),
    outputRoot: hash(ending.outputRoot),
    programRoot: hash(ending.programRoot),
    program: {
      code: hash(program.code),
      memory: hash(program.memory),
      slots: hash(program.slots),
      pages: hash(program.pages),
    },
    last: {
      registers: hash(last.registers),
      sizes: hash(last.sizes),
      stack: hash(last.stack),
      memory: hash(last.memory),
      slots: hash(last.slots),
      input: hash(last.input),
      output: hash(last.output),
    },
  }
}

/** What a dishonest machine altered: for people. */
export interface LieView {
  readonly step: bigint
  readonly place: string
  readonly index?: number
  readonly was: string
  readonly is: string
}

export function readLie({ head }: Frame): LieView | undefined {
  if (head.honest) return undefined
  const lie = fields(head.lie)
  return {
    step: integer(lie.step),
    place: text(lie.place),
    index: lie.index === undefined ? undefined : small(lie.index),
    was: text(lie.was),
    is: text(lie.is),
  }
}

/** A dishonest machine with the result that it comes to. */
export interface FoundLie {
  readonly tamper: Tamper
  readonly ending: Ending
  readonly output: Uint8Array
  readonly altered: LieView | undefined
}

export function readFoundLie(frame: Frame): FoundLie | undefined {
  if (frame.head.none) return undefined
  const { step, field, seed } = fields(frame.head.tamper)
  if (!TAMPER_FIELDS.includes(field as TamperField)) throw bad('field')
  const tamper = { step: integer(step), field: field as TamperField, seed: small(seed) }
  return { tamper, ending: readEnding(frame), output: frame.body, altered: readLie(frame) }
}

/** Names of functions are the guest's, so that nothing in a text may steer a terminal. */
export function readView({ body }: Frame): StepView {
  const view = fields(parse(body))
  const status = list(view.status).map(small)
  if (status.length !== 2) throw bad('pair')
  return {
    step: integer(view.step),
    pc: small(view.pc),
    instruction: text(view.instruction),
    function: typeof view.function === 'string' ? text(view.function) : whole(view.function),
    fuel: integer(view.fuel),
    operands: list(view.operands).map(integer),
    results: list(view.results).map(integer),
    written: list(view.written).map(writtenOf),
    status: [status[0]!, status[1]!],
  }
}

function writtenOf(value: unknown) {
  const written = fields(value)
  return {
    region: text(written.region),
    role: text(written.role),
    at: small(written.at),
    bytes: hex(written.bytes),
  }
}

const bad = (what: string) => new BadFrameError(`Something in it is no ${what}.`)

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body))
  } catch {
    throw bad('JSON')
  }
}

function fields(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw bad('object')
  return value as Record<string, unknown>
}

function list(value: unknown): unknown[] {
  if (!Array.isArray(value) || value.length > MOST_VALUES) throw bad('short list')
  return value
}

function hex(value: unknown): Hex {
  if (typeof value !== 'string' || !HEX.test(value)) throw bad('hex')
  return value as Hex
}

function hash(value: unknown): Hex {
  const found = hex(value)
  if (found.length !== 2 + 2 * HASH_BYTES) throw bad('hash')
  return found
}

function integer(value: unknown): bigint {
  const found = unsigned(value)
  if (found === undefined || found > MOST_STEPS) throw bad('integer of 64 bits')
  return found
}

function whole(value: unknown): number {
  if (!Number.isSafeInteger(value)) throw bad('whole number')
  return Number(value)
}

function small(value: unknown): number {
  if (whole(value) < 0) throw bad('number from 0')
  return Number(value)
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw bad('text')
  return escapeControls(value.slice(0, TEXT_CHARS))
}
