/**
 * Breaks each instruction of the reference on purpose, one at a time, and expects the tests that compare the machines to
 * notice: steps that an unbroken machine proved, and calls of modules by V8 beside the reference.
 */
import { describe, expect, it, vi } from 'vitest'
import { toHex } from '../../src/io/hash.ts'
import { INSTRUCTIONS } from '../../src/isa/instructions.ts'
import { verifyStep } from '../../src/step/verify.ts'
import { type RandomStep, randomStep } from '../../src/testing/randomStates.ts'
import type { Breakages, Broken } from './breakage.ts'
import { brokenHandlers } from './handlers.ts'
import { type Calls, callsFor } from './modules.ts'
import { brokenComputations } from './numeric.ts'

// Every function of the tables goes through here, and is looked up at each call.
const { rights, broken, breakable } = vi.hoisted(() => {
  type Any = (...args: unknown[]) => unknown
  const rights = new Map<string, Any>()
  const broken = new Map<string, Any>()
  const breakable = (module: object) =>
    Object.fromEntries(
      Object.entries(module).map(([key, table]) => [
        key,
        key === key.toUpperCase() && typeof table === 'object' ? breakableTable(table) : table,
      ]),
    )
  const breakableTable = (table: Record<string, Any>) => {
    const entries = Object.entries(table).map(([name, right]): [string, Any] => {
      rights.set(name, right)
      return [name, (...args) => (broken.get(name) ?? right)(...args)]
    })
    return Object.fromEntries(entries)
  }
  return { rights, broken, breakable }
})
vi.mock('../../src/step/integer.ts', async (original) => breakable(await original()))
vi.mock('../../src/step/float.ts', async (original) => breakable(await original()))
vi.mock('../../src/step/control.ts', async (original) => breakable(await original()))
vi.mock('../../src/step/stack.ts', async (original) => breakable(await original()))
vi.mock('../../src/step/register.ts', async (original) => breakable(await original()))
vi.mock('../../src/step/table.ts', async (original) => breakable(await original()))
vi.mock('../../src/step/memory.ts', async (original) => breakable(await original()))
vi.mock('../../src/step/bulk.ts', async (original) => breakable(await original()))
vi.mock('../../src/step/primitive.ts', async (original) => breakable(await original()))

/** The most proven steps of an instruction that are tried; most breakages show in the first few. */
const STEPS = 400

/** Names, and what is wrong with each. */
const BREAKAGES = INSTRUCTIONS.map(({ name, opcode, class: kind }) => {
  const computes = kind === 'integer' || kind === 'float'
  const breakages = computes ? brokenComputations(name) : brokenHandlers(name)
  return { name, opcode, computes, breakages: breakages as Breakages<unknown> }
})
const COUNT = BREAKAGES.reduce((sum, { breakages }) => sum + Object.keys(breakages).length, 0)

/** Modules whose calls do not depend on each other; the others are made anew each time. */
const modules = new Map<string, Calls>()

function differsFromV8(name: string): boolean {
  const known = modules.get(name) ?? callsFor(name)
  if (known.independent) modules.set(name, known)
  return known.calls.some(([called, args]) => {
    try {
      return known.program.call(called, args).different !== undefined
    } catch {
      return true
    }
  })
}

function differsFromProof({ state, witness, next }: RandomStep): boolean {
  try {
    return toHex(verifyStep(state, witness)) !== toHex(next)
  } catch {
    return true
  }
}

/** What no program can see: its operands have nothing above them, and the pass makes each NaN canonical. */
const HIDDEN = ['it heeds bits above its operand', 'a NaN is negative', 'a NaN has a payload']

/** Whether a check fails while an instruction is done wrong. */
function isNoticed(name: string, broke: Broken<unknown>, fails: () => boolean): boolean {
  const of = (other: string) => rights.get(other)
  broken.set(name, broke(of(name), of) as never)
  try {
    return fails()
  } finally {
    broken.clear()
  }
}

describe('each instruction, broken on purpose', () => {
  it('has at least two breakages', () => {
    const few = BREAKAGES.filter(({ breakages }) => Object.keys(breakages).length < 2)
    expect(few.map(({ name }) => name)).toEqual([])
  })

  it(`is noticed by steps that the right one proved: ${COUNT} breakages`, () => {
    const survived: string[] = []
    for (const { name, opcode, breakages } of BREAKAGES) {
      const proven: RandomStep[] = []
      const differs = (broke: Broken<unknown>): boolean => {
        for (let i = 0; i < STEPS; i++) {
          proven[i] ??= randomStep(i, opcode)
          if (isNoticed(name, broke, () => differsFromProof(proven[i]!))) return true
        }
        return false
      }
      for (const [what, broke] of Object.entries(breakages)) {
        if (!differs(broke)) survived.push(`${name}: ${what}`)
      }
      expect(proven.some(differsFromProof), name).toBe(false)
    }
    expect(survived).toEqual([])
  }, 300_000)

  it('is noticed beside V8 where it computes something else', () => {
    const survived: string[] = []
    for (const { name, breakages } of BREAKAGES.filter(({ computes }) => computes)) {
      for (const [what, broke] of Object.entries(breakages)) {
        if (HIDDEN.includes(what)) continue
        if (!isNoticed(name, broke, () => differsFromV8(name))) survived.push(`${name}: ${what}`)
      }
    }
    expect(survived).toEqual([])
  }, 300_000)

  it('does as V8 does if it is not broken', () => {
    for (const { name } of INSTRUCTIONS) {
      // All that need no module of their own share one.
      if (name === 'br' || callsFor(name).independent) expect(differsFromV8(name), name).toBe(false)
    }
  }, 300_000)
})
