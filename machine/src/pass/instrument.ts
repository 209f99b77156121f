/** Writes the canonical program of a module: the one place that knows how the parts are put together. */
import { ModuleRefusedError } from '../wasm/error.ts'
import type { BuildLimits } from '../wasm/limits.ts'
import { DECLARED, type Export, KIND, type Module } from '../wasm/module.ts'
import { Writer } from '../wasm/writer.ts'
import { type Body, BodyWalker } from './bodyWalker.ts'
import { BodyWriter } from './bodyWriter.ts'
import { planCharges } from './chargePlan.ts'
import { FlowGraph } from './flowGraph.ts'
import { type Guards, guard } from './guards.ts'
import { callPrimitive, run } from './helpers.ts'
import { Layout } from './layout.ts'
import { functionCount, type Library, libraryIndices, moduleIndices } from './linkage.ts'
import { writeProgram } from './writeProgram.ts'

/** A function that calls nothing and takes no more slots than this goes without a guard, whoever calls it. */
const LEAF_SLOTS = 256

export interface InstrumentOptions {
  /** Functions that the entry calls in turn; the last one may give an exit code. */
  readonly calls: readonly number[]
  /** Exports of the module that stay beside the machine's. A program has none. */
  readonly keep?: readonly Export[]
  /** What the module's imports lead to. Without it they are the program's. */
  readonly library?: Library
  /** Is told what was written into the code. */
  readonly onWork?: (work: PassWork) => void
}

/** What the pass wrote into a program, counted for people: nothing depends on it. */
export interface PassWork {
  /** The module's own functions, and those of the library that came with them. */
  readonly functions: number
  readonly libraryFunctions: number
  readonly blocks: number
  /** Places that charge fuel; a charge by blocks would have as many as there are blocks. */
  readonly charges: number
  /** Functions that look at the depth of the stack. */
  readonly guards: number
  /** Places where a NaN is made canonical. */
  readonly nanLooks: number
}

/**
 * Validates the code of a decoded module and writes the canonical program. Equal modules give equal bytes.
 * @throws {ModuleRefusedError} if the code is invalid or beyond the limits.
 */
export function instrument(module: Module, limits: BuildLimits, options: InstrumentOptions): Uint8Array {
  const { calls, keep = [], library = null, onWork } = options
  const layout = new Layout(module, library?.module ?? null, functionCount(module, library), limits)
  const graph = new FlowGraph()
  const walked = new Writer(module.bytes.length * 2)
  const output = { layout, graph, code: walked }

  const indices = moduleIndices(module, library)
  const walker = new BodyWalker(module, limits, output, indices)
  const bodies: Body[] = []
  for (let i = 0; i < module.bodies.length / 2; i++) {
    const body = walker.write(i)
    bodies.push(body)
    checkCode(walked.length, body, limits)
  }

  let enter: number[] = []
  let leave: number | null = null
  if (library) {
    const of = libraryIndices(module, library, (target) =>
      typeof target === 'string' ? callPrimitive(layout, target) : target(layout),
    )
    const more = new BodyWalker(library.module, limits, output, of)
    for (const index of library.functions) bodies.push(more.write(index - library.module.importedFunctions))
    if (library.enter !== undefined) enter = [of.functionIndex(library.enter)]
    if (library.leave !== undefined) leave = of.functionIndex(library.leave)
  }

  const first = functionCount(module, library) - bodies.length
  const own = (index: number) => indices.functionIndex(index) - first
  const entries = [...enter, ...calls.map((index) => indices.functionIndex(index))]
  const called = (leave === null ? entries : [...entries, leave]).map((index) => index - first)
  const taken = takenFunctions(module, walker.referenced).map(own)
  const exposed = keep.filter(({ kind }) => kind === KIND.function).map(({ index }) => own(index))
  const isOwn = (index: number) => index >= 0

  const paysItself = new Uint8Array(bodies.length)
  for (const index of [...called, ...taken, ...exposed].filter(isOwn)) paysItself[index] = 1
  const plan = planCharges(graph, first, paysItself)
  const guards = planGuards(graph, bodies, first, layout, {
    taken: taken.filter(isOwn),
    exposed: exposed.filter((index) => isOwn(index) && needsGuard(bodies[index]!)),
  })

  const code = new Writer(walked.length * 2)
  const writer = new BodyWriter(graph, plan, layout, walked, new Writer(65_536))
  for (const [i, body] of bodies.entries()) {
    const length = writer.write(i, body, guards.of[i]!, code)
    if (length > limits.bodyBytes) {
      const reason = `a function body has ${length} bytes after the pass, too many`
      throw new ModuleRefusedError('code', body.groupsStart, reason)
    }
    checkCode(code.length, body, limits)
  }

  const last = calls.at(-1)
  const givesCode = last !== undefined && module.types[module.functions[last]!]!.results.length > 0
  const runIndex = run(layout, {
    calls: entries,
    givesCode,
    leave,
    guard: guards.entry(called.filter(isOwn)),
  })
  onWork?.({
    functions: module.bodies.length / 2,
    libraryFunctions: library?.functions.length ?? 0,
    blocks: graph.cost.length,
    charges: plan.charge.subarray(0, graph.cost.length).filter((units) => units > 0).length,
    guards: guards.of.filter((found) => found !== null).length,
    nanLooks: bodies.reduce((all, { looks }) => all + looks, 0),
  })
  const undeclared = [...walker.referenced].filter((index) => module.declared[index] === DECLARED.export)
  return writeProgram({
    module,
    library,
    indices,
    layout,
    code,
    codeCount: bodies.length,
    runIndex,
    undeclared,
    keep,
  })
}

/** What is written so far, the body at last. */
function checkCode(length: number, body: Body, { codeBytes }: BuildLimits): void {
  if (length <= codeBytes) return
  const reason = `its functions have more than ${codeBytes} bytes after the pass, up to this one`
  throw new ModuleRefusedError('code', body.groupsStart, reason, 'Build a smaller program.')
}

/** The module's functions that a table or a reference may hold. */
function takenFunctions(module: Module, referenced: Set<number>): number[] {
  const taken = new Set(referenced)
  for (const [index, how] of module.declared.entries()) if (how & DECLARED.elsewhere) taken.add(index)
  return [...taken]
}

function needsGuard({ calls, slots }: Body): boolean {
  return calls || slots > LEAF_SLOTS
}

function planGuards(
  graph: FlowGraph,
  bodies: readonly Body[],
  first: number,
  layout: Layout,
  { taken, exposed }: { taken: number[]; exposed: number[] },
): Guards {
  const direct = { from: [] as number[], to: [] as number[] }
  const indirect = { from: [] as number[], type: [] as number[] }
  const types = layout.types.map((type) => layout.typeIndex(type))
  for (let f = 0; f < bodies.length; f++) {
    for (let c = graph.firstCall.data[f]!; c < graph.firstCall.data[f + 1]!; c++) {
      const callee = graph.callee.data[c]!
      if (callee < 0) {
        indirect.from.push(f)
        indirect.type.push(types[-1 - callee]!)
      } else if (callee >= first && callee < first + bodies.length) {
        direct.from.push(f)
        direct.to.push(callee - first)
      }
    }
  }
  return guard({
    functions: bodies.length,
    types: types.length,
    direct,
    indirect,
    taken,
    typeOf: bodies.map(({ type }) => layout.typeIndex(type)),
    slots: bodies.map(({ slots }) => slots),
    exposed,
  })
}
