/** A step as people read it, and the same as JSON. */
import {
  type Access,
  type AllRegisters,
  type FunctionName,
  functionAt,
  INSTRUCTION_BYTES,
  instructionAt,
  instructionOf,
  type Lowered,
  MACHINE_STATUS,
  print,
  SLOT_BYTES,
  SPACE_BYTES,
  type Watched,
} from '@millrace/machine/steps'
import { formatBytes } from '../format/formatBytes.ts'
import { formatFuel } from '../format/formatFuel.ts'
import { groupThousands } from '../format/groupThousands.ts'
import { STATUS_WORDS } from '../show/job.ts'
import { pairs, table } from '../terminal/table.ts'
import { formatHexBytes, formatSlot, typesOf } from './values.ts'

/** How a run ends. */
export interface End {
  readonly steps: bigint
  /** Of the machine: one of `MACHINE_STATUS`. */
  readonly status: number
  readonly fuelUsed: bigint
  /** Where it exited. */
  readonly exitCode: number | undefined
}

/** The program that is traced, with what people call its parts. */
export interface Described {
  readonly lowered: Lowered
  readonly names: (index: number) => FunctionName
}

export interface Trace {
  /** Steps before the first that is shown. */
  readonly step: bigint
  readonly steps: readonly Watched[]
  /** State hashes before the first step and after the last. */
  readonly before: string
  readonly after: string
  /** Undefined where it is so far away that nobody looked. */
  readonly end: End | undefined
  /** How many steps there are at least. */
  readonly atLeast: bigint
}

const AROUND = 3
const count = (value: bigint | number) => groupThousands(String(value))

/** One step with everything around it. */
export function describeStep(program: Described, trace: Trace): string[] {
  const watched = trace.steps[0]!
  const { pc } = watched.before
  const of = trace.end ? count(trace.end.steps) : `more than ${count(trace.atLeast)}`
  const offset = program.lowered.map?.[pc]
  return [
    ...pairs([
      ['step', `${count(trace.step)} of ${of}${trace.end ? `, which end: ${describeEnd(trace.end)}` : ''}`],
      ['function', nameAt(program, pc)],
      ['instruction', `${count(pc)}${offset ? `, from byte ${count(offset)} of the canonical program` : ''}`],
    ]),
    '',
    ...listing(program, pc),
    '',
    ...table([...accesses('reads', watched, watched.reads), ...accesses('writes', watched, watched.writes)]),
    '',
    ...registers(watched),
    ...pairs([
      ['state', trace.before],
      ['', `→ ${trace.after}`],
    ]),
  ]
}

/** Some steps in a row, a line each. */
export function describeSteps(program: Described, trace: Trace): string[] {
  const rows = trace.steps.map((watched, i) => {
    const { pc } = watched.before
    const step = count(trace.step + BigInt(i))
    return [step, nameAt(program, pc), count(pc), printAt(program, pc), effectOf(watched)]
  })
  const of = trace.end ? [`of ${count(trace.end.steps)}, which end: ${describeEnd(trace.end)}`] : []
  return [
    ...table([['step', 'function', 'pc', 'instruction', 'effect'], ...rows]),
    ...of,
    ...pairs([
      ['state', trace.before],
      ['', `→ ${trace.after}`],
    ]),
  ]
}

/** What is worth telling of a step in half a line: what it writes, which register it sets, where it goes. */
function effectOf(watched: Watched): string {
  const { before, after, writes } = watched
  const written = writes.map((access) => `${where(access)} ${what(watched, access, true)}`)
  const set = changesOf(watched).filter(([name]) => name !== 'pc' && name !== 'sp')
  const goes = after.pc === before.pc || after.pc === before.pc + 1 ? [] : [`to ${count(after.pc)}`]
  return [...written, ...set.map(([name, , now]) => `${name} ${now}`), ...goes].join(', ')
}

export function traceJson(program: Described, trace: Trace): Record<string, unknown> {
  const { step, steps, before, after, end } = trace
  const ended = end && { status: end.status - 1, fuelUsed: end.fuelUsed, exitCode: end.exitCode }
  return {
    step,
    total: end?.steps ?? null,
    end: ended ?? null,
    steps: steps.map((watched, i) => stepJson(program, step + BigInt(i), watched)),
    stateBefore: before,
    stateAfter: after,
  }
}

function stepJson(program: Described, step: bigint, watched: Watched): Record<string, unknown> {
  const { before, after, word } = watched
  const index = functionAt(program.lowered, before.pc)
  return {
    step,
    pc: before.pc,
    function: index === undefined ? null : { index, ...program.names(index) },
    offset: program.lowered.map?.[before.pc] ?? null,
    instruction: word === undefined ? null : print(program.lowered.code, before.pc),
    reads: watched.reads.map(accessJson),
    writes: watched.writes.map(accessJson),
    registers: { before, after },
  }
}

const accessJson = ({ region, role, at, bytes }: Access) => ({
  ...{ region, role, at },
  bytes: `0x${Buffer.from(bytes).toString('hex')}`,
})

/** `exited with 0 after 43,169,566 fuel`. */
export function describeEnd({ status, fuelUsed, exitCode }: End): string {
  const how = STATUS_WORDS[status - 1] ?? `status ${status}`
  return `${how}${exitCode === undefined ? '' : ` with ${exitCode}`} after ${formatFuel(fuelUsed)}`
}

/** The function that an instruction is in, for people. */
export function nameAt(program: Described, pc: number): string {
  const index = functionAt(program.lowered, pc)
  return index === undefined ? 'the entry' : nameOf(program, index)
}

function nameOf({ names }: Described, index: number): string {
  const { name, origin } = names(index)
  const whose = { module: '', wasi: ' of the WASI library', machine: ' of the machine' }[origin]
  return name === undefined ? `function ${index}${whose}` : `${name} (function ${index}${whose})`
}

/** The instructions around, as far as they are in the same function. */
export function listing(program: Described, pc: number): string[] {
  const { code, functions } = program.lowered
  const index = functionAt(program.lowered, pc)
  const first = Math.max(index === undefined ? 0 : functions[index]!, pc - AROUND)
  const last = Math.min(code.length / INSTRUCTION_BYTES - 1, pc + AROUND)
  const rows: string[][] = []
  for (let at = first; at <= Math.max(last, pc); at++) {
    if (at > pc && functionAt(program.lowered, at) !== index) break
    rows.push([at === pc ? '  >' : '', count(at), printAt(program, at)])
  }
  return table(rows)
}

/** An instruction, with the name of what it calls. */
function printAt(program: Described, pc: number): string {
  const { code } = program.lowered
  const text = print(code, pc)
  const word = instructionAt(code, pc)
  if (instructionOf(Number(word & 0xffn))?.name !== 'call') return text
  const target = functionAt(program.lowered, Number(word >> 32n))
  return target === undefined ? text : `${text}  ; ${nameOf(program, target)}`
}

function accesses(verb: string, watched: Watched, all: readonly Access[]): string[][] {
  return all.map((access, i) => {
    const value = what(watched, access, verb === 'writes')
    return [i === 0 ? verb : '', access.role, where(access), value]
  })
}

function where({ region, at }: Access): string {
  if (region === 'stack') return `stack ${count(at / SLOT_BYTES)}`
  if (region === 'slots') return `slot ${count(at / SLOT_BYTES)}`
  return `${region} at ${count(region === 'memory' ? at % SPACE_BYTES : at)}`
}

function what({ instruction }: Watched, { region, role, bytes }: Access, isResult: boolean): string {
  if (region !== 'stack' && region !== 'slots') return formatHexBytes(bytes)
  const { operand, second, result } = instruction ? typesOf(instruction) : {}
  const byRole: Record<string, typeof operand> = { top: operand, second, result }
  const slot = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true)
  if (role === 'link') return `back to ${count(slot & 0xffff_ffffn)}, with fp ${count(slot >> 32n)}`
  return formatSlot(slot, isResult ? result : byRole[role])
}

/** What the step changed, and then the others. */
function registers(watched: Watched): string[] {
  const changed = changesOf(watched)
  const names = changed.map(([name]) => name)
  const others = shown(watched.before).filter(([name]) => !names.includes(name))
  const changes = changed.map(([name, was, is]) => `${name} ${was} → ${is}`)
  return [
    ...pairs([
      ['registers', changes.length > 0 ? changes.join(', ') : undefined],
      ['unchanged', others.map((each) => each.join(' ')).join(', ')],
    ]),
    '',
  ]
}

function changesOf({ before, after }: Watched): [name: string, was: string, is: string][] {
  const now = new Map(shown(after))
  return shown(before).flatMap(([name, was]) => (now.get(name) === was ? [] : [[name, was, now.get(name)!]]))
}

function shown(registers: AllRegisters): [name: string, value: string][] {
  return [
    ...(['pc', 'sp', 'fp', 'aux', 'fuel', 'depth', 'stop'] as const).map((name): [string, string] => [
      name,
      count(registers[name]),
    ]),
    ['status', statusWord(registers.status)],
    ['memory', formatBytes(registers.pages[0] * PAGE_BYTES)],
    ['library memory', formatBytes(registers.pages[1] * PAGE_BYTES)],
    ['output', formatBytes(Number(registers.outputLength))],
  ]
}

const PAGE_BYTES = 65_536

function statusWord(status: number): string {
  if (status === MACHINE_STATUS.running) return 'running'
  return STATUS_WORDS[status - 1] ?? String(status)
}
