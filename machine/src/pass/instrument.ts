/** Writes the canonical program of a module: the one place that knows how the parts are put together. */
import type { BuildLimits } from '../wasm/limits.ts'
import { DECLARED, type Export, type Module } from '../wasm/module.ts'
import { Writer } from '../wasm/writer.ts'
import { BodyInstrumenter } from './bodyInstrumenter.ts'
import { callPrimitive, run } from './helpers.ts'
import { Layout } from './layout.ts'
import { type Library, libraryIndices, moduleIndices } from './linkage.ts'
import { type Parts, writeProgram } from './writeProgram.ts'

export interface InstrumentOptions {
  /** Functions that the entry calls in turn; the last one may give an exit code. */
  readonly calls: readonly number[]
  /** Exports of the module that stay beside the machine's. A program has none. */
  readonly keep?: readonly Export[]
  /** What the module's imports lead to. Without it they are the program's. */
  readonly library?: Library
}

/**
 * Validates the code of a decoded module and writes the canonical program. Equal modules give equal bytes.
 * @throws {ModuleRefusedError} if the code is invalid or beyond the limits.
 */
export function instrument(module: Module, limits: BuildLimits, options: InstrumentOptions): Uint8Array {
  const { calls, keep = [], library = null } = options
  const layout = new Layout(module, limits, library)
  const code = new Writer(module.bytes.length * 2)

  const indices = moduleIndices(module, library)
  const bodies = new BodyInstrumenter(module, limits, layout, indices)
  const count = module.bodies.length / 2
  for (let i = 0; i < count; i++) bodies.write(i, code)

  let enter: number[] = []
  let leave: number | null = null
  if (library) {
    const of = libraryIndices(module, library, (target) =>
      typeof target === 'string' ? callPrimitive(layout, target) : target(layout),
    )
    const more = new BodyInstrumenter(library.module, limits, layout, of)
    for (const index of library.functions) more.write(index - library.module.importedFunctions, code)
    if (library.enter !== undefined) enter = [of.functionIndex(library.enter)]
    if (library.leave !== undefined) leave = of.functionIndex(library.leave)
  }

  const last = calls.at(-1)
  const givesCode = last !== undefined && module.types[module.functions[last]!]!.results.length > 0
  const runIndex = run(layout, {
    calls: [...enter, ...calls.map((index) => indices.functionIndex(index))],
    givesCode,
    leave,
  })
  const undeclared = [...bodies.undeclared].filter((index) => module.declared[index] === DECLARED.export)
  const parts: Parts = { module, library, indices, layout, code, runIndex, undeclared, keep }
  return writeProgram(parts)
}
