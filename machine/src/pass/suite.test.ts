/** The official test suite's assertions, run through canonical programs on this engine. */
import { describe, expect, it } from 'vitest'
import { asFuncrefs } from '../testing/asFuncrefs.ts'
import { type Guest, guestOf } from '../testing/guest.ts'
import {
  type Command,
  documentedCounts,
  type SuiteFile,
  suiteFiles,
  suiteIsThere,
  type Value,
} from '../testing/suite.ts'
import { wat } from '../testing/wat.ts'
import { ModuleRefusedError } from '../wasm/error.ts'
import { EXPORTS, STATE } from './abi.ts'

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

const standIns = new Map<string, unknown>()

/** A function for each reference that the suite's host hands in. */
function standIn(name: string): unknown {
  if (!standIns.has(name)) standIns.set(name, guestOf(wat('(module (func (export "f")))')).exports.f)
  return standIns.get(name)
}

function argument({ type, value }: Value): unknown {
  if (value === 'null' || value === undefined) return null
  if (type === 'externref') return standIn(value)
  const bits = BigInt(value)
  return type.endsWith('32') ? Number(BigInt.asIntN(32, bits)) : BigInt.asIntN(64, bits)
}

function equals(actual: unknown, { type, value }: Value): boolean {
  if (type === 'funcref') return value === 'null' ? actual === null : typeof actual === 'function'
  if (type === 'externref') return actual === (value === 'null' ? null : standIn(value!))
  const width = type.endsWith('32') ? 32 : 64
  const bits = BigInt.asUintN(width, BigInt(actual as number))
  // Where the specification lets an engine choose among NaNs, the machine has one.
  return bits === (value!.startsWith('nan:') ? CANONICAL[type] : BigInt(value!))
}

/** The modules of one file: what they share, and what the file calls them. */
class Session {
  readonly tally: Tally
  readonly file: SuiteFile
  readonly imports: WebAssembly.Imports = { spectest: spectest() }
  readonly guests: Guest[] = []
  readonly named = new Map<string, Guest | null>()
  readonly changed = new Set<Guest>()
  /** Names under which changed modules are imported. */
  readonly absent = new Set<string>()
  current: Guest | null = null

  constructor(file: SuiteFile, tally: Tally) {
    this.file = file
    this.tally = tally
  }

  run(): void {
    for (const command of this.file.commands) {
      const wrong = this.step(command)
      if (wrong) this.tally.wrong.push(`${this.file.name}:${command.line} ${command.type}: ${wrong}`)
    }
  }

  /** What is wrong with the outcome of a command, or null. */
  private step(command: Command): string | null {
    switch (command.type) {
      case 'module':
        this.current = this.module(command)
        if (command.name) this.named.set(command.name, this.current)
        return null
      case 'register': {
        const target = this.named.get(command.name ?? '') ?? this.current
        if (target) this.imports[command.as!] = target.exports as WebAssembly.ModuleImports
        if (!target || this.changed.has(target)) this.absent.add(command.as!)
        return null
      }
      case 'assert_unlinkable':
      case 'assert_uninstantiable':
        return this.failure(command)
      default:
        // Modules that are not valid are the validator's, whose own test has them.
        return command.action ? this.action(command) : null
    }
  }

  private module(command: Command): Guest | null {
    const bytes = this.file.binary(command)!
    if (this.isOrphan(bytes)) return null
    try {
      const guest = this.instantiate(bytes)
      count(this.tally.passed, 'module')
      return guest
    } catch (error) {
      if (!(error instanceof ModuleRefusedError) || !/externref/.test(error.reason)) throw error
      const guest = this.instantiate(asFuncrefs(bytes))
      count(this.tally.passed, 'module, with funcref for externref')
      this.changed.add(guest)
      return guest
    }
  }

  /** Whether it imports from a module that was changed, whose types may fit where they should not. */
  private isOrphan(bytes: Uint8Array): boolean {
    const imports = WebAssembly.Module.imports(new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>))
    if (!imports.some(({ module }) => this.absent.has(module))) return false
    count(this.tally.skipped, 'it imports from a module that uses externref')
    return true
  }

  private instantiate(bytes: Uint8Array): Guest {
    const guest = guestOf(bytes, this.imports)
    // What a start function calls may be another's, which has spent what it had.
    this.guests.push(guest)
    this.refill()
    ;(guest.exports[EXPORTS.run] as () => number)()
    return guest
  }

  /** Of a module that cannot be linked, or that traps while it is instantiated. */
  private failure(command: Command): string | null {
    const bytes = this.file.binary(command)!
    if (this.isOrphan(bytes)) return null
    const expected = command.type === 'assert_unlinkable' ? WebAssembly.LinkError : WebAssembly.RuntimeError
    try {
      this.instantiate(bytes)
      return 'it was instantiated'
    } catch (error) {
      if (error instanceof ModuleRefusedError) {
        count(this.tally.skipped, error.reason)
        return null
      }
      if (!(error instanceof expected) || this.stopped() !== STATE.running) return String(error)
      count(this.tally.passed, command.type)
      return null
    }
  }

  private action(command: Command): string | null {
    const { module, type, field } = command.action!
    const target = module ? this.named.get(module) : this.current
    if (!target) {
      count(this.tally.skipped, 'it is about a module that is refused')
      return null
    }
    const wrong =
      type === 'get'
        ? this.misfit(command, (target.exports[field] as WebAssembly.Global).value)
        : this.invoke(target, command)
    if (!wrong) count(this.tally.passed, command.type)
    return wrong
  }

  private invoke(target: Guest, command: Command): string | null {
    const { type, action } = command
    this.refill()
    let result: unknown
    try {
      result = target.call(action!.field, ...action!.args.map(argument))
    } catch (error) {
      if (!(error instanceof WebAssembly.RuntimeError)) return String(error)
      const state = this.stopped()
      if (type === 'assert_trap' && state === STATE.running) return null
      if (type === 'assert_exhaustion' && state === STATE.stackExhausted) return null
      return `${error.message} in state ${state}`
    }
    if (type === 'action') return null
    return type === 'assert_return' ? this.misfit(command, result) : 'it returned'
  }

  private misfit({ expected = [] }: Command, result: unknown): string | null {
    const results = expected.length === 1 ? [result] : ((result ?? []) as unknown[])
    return expected.every((value, i) => equals(results[i], value)) ? null : `it gave ${results.map(String)}`
  }

  /** Each program has fuel and a stack of its own. */
  private refill(): void {
    for (const guest of this.guests) guest.reset(undefined, STACK)
  }

  /** Why any of the programs was stopped. */
  private stopped(): number {
    const states = this.guests.map(({ state }) => state.value)
    return states.find((state) => state !== STATE.running) ?? STATE.running
  }
}

/**
 * What only modules that are linked to each other can see, and no program ever is. A memory that is smaller than its
 * importer was told is the host's failure to a program; and whose start failed has no fuel, though its functions
 * stand in another's table.
 */
const DIFFERENT = [
  'imports:577 assert_return: unreachable in state 255',
  'linking:275 assert_return: unreachable in state 0',
  'linking:288 assert_return: unreachable in state 0',
  'linking:381 assert_return: unreachable in state 255',
]

describe('the official test suite, as canonical programs', () => {
  it.skipIf(!suiteIsThere)('returns, traps and exhausts the stack as it must', () => {
    const tally: Tally = { passed: {}, skipped: {}, wrong: [] }
    for (const file of suiteFiles()) new Session(file, tally).run()
    expect(tally.wrong).toEqual(DIFFERENT)
    expect(tally.skipped).toEqual(documentedCounts('left out'))
    expect(tally.passed).toEqual(documentedCounts('passed'))
  })
})
