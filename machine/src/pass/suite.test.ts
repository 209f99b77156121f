/** The official test suite's assertions, run through canonical programs on this engine. */
import { describe, expect, it } from 'vitest'
import { type Guest, guestOf } from '../testing/guest.ts'
import { type Command, type SuiteFile, suiteFiles, suiteIsThere, type Value } from '../testing/suite.ts'
import { ModuleRefusedError } from '../wasm/error.ts'
import { EXPORTS, STATE } from './abi.ts'

/** Programs are never linked to each other, which is what this file of the suite is about. */
const LEFT_OUT = new Set(['linking'])

/** Slots of stack for one assertion: below what the test's own thread can hold. */
const STACK = 20_000

const CANONICAL: Record<string, bigint> = { f32: 0x7fc00000n, f64: 0x7ff8000000000000n }

const spectest = (): WebAssembly.ModuleImports => {
  const nothing = () => {}
  const names = ['', '_i32', '_i64', '_f32', '_f64', '_i32_f32', '_f64_f64']
  return {
    ...Object.fromEntries(names.map((name) => [`print${name}`, nothing])),
    global_i32: new WebAssembly.Global({ value: 'i32' }, 666),
    global_i64: new WebAssembly.Global({ value: 'i64' }, 666n),
    global_f32: new WebAssembly.Global({ value: 'f32' }, 666.6),
    global_f64: new WebAssembly.Global({ value: 'f64' }, 666.6),
    table: new WebAssembly.Table({ initial: 10, maximum: 20, element: 'anyfunc' }),
    memory: new WebAssembly.Memory({ initial: 1, maximum: 2 }),
  }
}

interface Tally {
  passed: Record<string, number>
  skipped: Record<string, number>
  readonly wrong: string[]
}

const count = (counts: Record<string, number>, key: string) => {
  counts[key] = (counts[key] ?? 0) + 1
}

function argument({ type, value }: Value): unknown {
  if (value === 'null' || value === undefined) return null
  const bits = BigInt(value)
  return type.endsWith('32') ? Number(BigInt.asIntN(32, bits)) : BigInt.asIntN(64, bits)
}

function equals(actual: unknown, { type, value }: Value): boolean {
  if (type === 'funcref') return value === 'null' ? actual === null : typeof actual === 'function'
  const width = type.endsWith('32') ? 32 : 64
  const bits = BigInt.asUintN(width, BigInt(actual as number))
  // Where the specification lets an engine choose among NaNs, the machine has one.
  return bits === (value!.startsWith('nan:') ? CANONICAL[type] : BigInt(value!))
}

/** What is wrong with the outcome of a command, or null. */
function misfit(guest: Guest, { type, action, expected }: Command): string | null {
  guest.reset(undefined, STACK)
  let result: unknown
  try {
    result = guest.call(action!.field, ...action!.args.map(argument))
  } catch (error) {
    if (!(error instanceof WebAssembly.RuntimeError)) return String(error)
    const state = guest.state.value
    if (type === 'assert_trap' && state === STATE.running) return null
    if (type === 'assert_exhaustion' && state === STATE.stackExhausted) return null
    return `${error.message} in state ${state}`
  }
  if (type === 'action') return null
  if (type !== 'assert_return') return 'it returned'
  const wanted = expected ?? []
  const results = wanted.length === 1 ? [result] : ((result ?? []) as unknown[])
  return wanted.every((value, i) => equals(results[i], value)) ? null : `it returned ${results.map(String)}`
}

function runFile(file: SuiteFile, tally: Tally): void {
  const imports: WebAssembly.Imports = { spectest: spectest() }
  const named = new Map<string, Guest | null>()
  let current: Guest | null = null
  for (const command of file.commands) {
    if (command.type === 'module') {
      current = instantiate(file, command, imports, tally)
      if (command.name) named.set(command.name, current)
    } else if (command.type === 'register') {
      if (current)
        imports[command.as!] = (named.get(command.name ?? '') ?? current).exports as WebAssembly.ModuleImports
    } else if (command.action?.type === 'invoke') {
      const target = command.action.module ? named.get(command.action.module) : current
      if (!target) {
        count(tally.skipped, 'commands of modules that are not there')
        continue
      }
      const wrong = misfit(target, command)
      if (wrong) tally.wrong.push(`${file.name}:${command.line} ${command.type}: ${wrong}`)
      else count(tally.passed, command.type)
    }
  }
}

function instantiate(
  file: SuiteFile,
  command: Command,
  imports: WebAssembly.Imports,
  tally: Tally,
): Guest | null {
  try {
    const guest = guestOf(file.binary(command)!, imports)
    ;(guest.exports[EXPORTS.run] as () => number)()
    count(tally.passed, 'module')
    return guest
  } catch (error) {
    if (!(error instanceof ModuleRefusedError)) throw error
    count(tally.skipped, error.reason)
    return null
  }
}

describe('the official test suite, as canonical programs', () => {
  it.skipIf(!suiteIsThere)('returns, traps and exhausts the stack as it must', () => {
    const tally: Tally = { passed: {}, skipped: {}, wrong: [] }
    for (const file of suiteFiles()) if (!LEFT_OUT.has(file.name)) runFile(file, tally)
    expect(tally.wrong).toEqual([
      // The memory that it imports is smaller than it was told, which to a program is the host's failure.
      'imports:577 assert_return: unreachable in state 255',
    ])
    expect(tally.skipped).toEqual({
      'it uses externref, which the machine does not support': 12,
      'commands of modules that are not there': 473,
    })
    expect(tally.passed).toEqual({
      module: 1090,
      action: 152,
      assert_return: 20_838,
      assert_trap: 2312,
      assert_exhaustion: 15,
    })
  })
})
