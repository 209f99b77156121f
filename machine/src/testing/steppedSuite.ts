/** The official test suite's modules and calls, run in every way that {@link SteppedProgram} knows. */

import { MACHINE_STATUS } from '../state/state.ts'
import { ModuleRefusedError } from '../wasm/error.ts'
import type { Module } from '../wasm/module.ts'
import { asFuncrefs } from './asFuncrefs.ts'
import { withoutImports } from './steppedImports.ts'
import { standInNumber } from './steppedOnV8.ts'
import { type Compared, type SteppedOptions, SteppedProgram } from './steppedProgram.ts'
import type { Command, SuiteFile, Value } from './suite.ts'

export interface Tally {
  readonly passed: Record<string, number>
  readonly skipped: Record<string, number>
  /** Where results are not the suite's. */
  readonly wrong: string[]
  /** Where the ways do not agree. */
  readonly different: string[]
  calls: number
  /** Those that the reference made, too. */
  byReference: number
}

export const emptyTally = (): Tally => ({
  passed: {},
  skipped: {},
  wrong: [],
  different: [],
  calls: 0,
  byReference: 0,
})

const count = (counts: Record<string, number>, key: string) => {
  counts[key] = (counts[key] ?? 0) + 1
}

const LINKED = 'it is about a module that imports'
const REFUSED = 'a segment of it does not fit: such a module is refused'

const CANONICAL: Record<string, bigint> = { f32: 0x7fc00000n, f64: 0x7ff8000000000000n }

/** Runs one file of the suite. */
export function runStepped(file: SuiteFile, tally: Tally, options: SteppedOptions): void {
  const named = new Map<string, SteppedProgram | string>()
  /** What other modules import by these names. */
  const registered = new Map<string, Module>()
  let current: SteppedProgram | string = LINKED

  const load = (command: Command): SteppedProgram | string => {
    const bytes = file.binary(command)!
    const own = withoutImports(bytes, registered)
    if (!own) return LINKED
    try {
      return programOf(own, options)
    } catch (error) {
      if (error instanceof ModuleRefusedError && /does not fit/.test(error.reason)) return REFUSED
      throw error
    }
  }

  const judge = (command: Command, wrong: string | undefined) => {
    if (wrong === undefined) count(tally.passed, command.type)
    else tally.wrong.push(`${file.name}:${command.line} ${wrong}`)
  }

  const add = (command: Command, compared: Compared): Compared => {
    tally.calls++
    if (compared.byReference) tally.byReference++
    if (compared.different) tally.different.push(`${file.name}:${command.line} ${compared.different}`)
    return compared
  }

  for (const command of file.commands) {
    const { type, action } = command
    if (type === 'module' || type === 'assert_uninstantiable') {
      const loaded = load(command)
      if (type === 'module') {
        current = loaded
        if (command.name) named.set(command.name, loaded)
      }
      if (typeof loaded === 'string') {
        count(tally.skipped, `${type}: ${loaded}`)
        continue
      }
      const started = add(command, loaded.start())
      const expected = type === 'module' ? MACHINE_STATUS.exited : MACHINE_STATUS.trapped
      judge(command, misfit(started, expected))
    } else if (type === 'register') {
      const target = named.get(command.name ?? '') ?? current
      if (typeof target !== 'string') registered.set(command.as!, target.module)
    } else if (action) {
      const target = (action.module && named.get(action.module)) || current
      if (typeof target === 'string') count(tally.skipped, `${type}: ${target}`)
      else if (action.type === 'get') {
        judge(command, misfitOf(command.expected!, [target.global(action.field)]))
      } else {
        const called = add(command, target.call(action.field, action.args.map(slotOf)))
        judge(command, expectation(command, called))
      }
    }
  }
}

function programOf(bytes: Uint8Array, options: SteppedOptions): SteppedProgram {
  try {
    return new SteppedProgram(bytes, options)
  } catch (error) {
    if (!(error instanceof ModuleRefusedError) || !/externref/.test(error.reason)) throw error
    return new SteppedProgram(asFuncrefs(bytes), options)
  }
}

/** What is wrong with an outcome, for the suite: whether all ways agree on it is another question. */
function expectation({ type, expected = [] }: Command, called: Compared): string | undefined {
  if (type === 'assert_trap') return misfit(called, MACHINE_STATUS.trapped)
  if (type === 'assert_exhaustion') return misfit(called, MACHINE_STATUS.stackExhausted)
  const status = misfit(called, MACHINE_STATUS.exited)
  return type === 'assert_return' ? (status ?? misfitOf(expected, called.outcome.results)) : status
}

function misfit({ outcome }: Compared, status: number): string | undefined {
  return outcome.status === status ? undefined : `it ended with status ${outcome.status}`
}

function misfitOf(expected: readonly Value[], results: readonly bigint[]): string | undefined {
  const fits = expected.every(({ type, value }, i) => {
    const result = results[i]!
    if (type === 'funcref' && value !== 'null') return result !== 0n
    // Where the specification lets an engine choose among NaNs, the machine has one.
    return result === (value!.startsWith('nan:') ? CANONICAL[type] : slotOf({ type, value }))
  })
  return fits && expected.length === results.length ? undefined : `it gave ${results}`
}

function slotOf({ type, value }: Value): bigint {
  if (value === 'null' || value === undefined) return 0n
  if (type === 'externref') return BigInt(standInNumber(Number(value)))
  return BigInt.asUintN(type.endsWith('32') ? 32 : 64, BigInt(value))
}
