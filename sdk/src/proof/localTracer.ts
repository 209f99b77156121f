/** A tracer in this process. The step machine is loaded when it is needed: most clients never play. */
import { buildProgram, type Program } from '@millrace/machine'
import type { Tamper, Trace } from '@millrace/machine/steps'
import { bytesToHex, type Hex } from 'viem'
import { fromMachine } from '../errors/machine.ts'
import type { Ending, StepView, Tracer } from './tracer.ts'

export interface LocalTracerParameters {
  /** Bytes of a `module.wasm`, or what was built of them. */
  program: Uint8Array | Program
  input: Uint8Array
  /** Limit. */
  fuel: bigint
  outputMax: number
  /** Bytes of snapshots that are kept in memory. */
  memoryBytes?: number
  /** Dishonest on purpose: for tests and demonstrations. */
  tamper?: Tamper
  signal?: AbortSignal
}

/**
 * Runs the program on the step machine in the calling thread, when it is first asked. Answers keep the thread busy for as
 * long as they take: where that matters, let another process have the tracer.
 */
export async function localTracer(parameters: LocalTracerParameters): Promise<Tracer> {
  const { program, input, fuel, outputMax, memoryBytes, tamper, signal } = parameters
  const { Trace } = await import('@millrace/machine/steps')
  const { canonical } = program instanceof Uint8Array ? buildProgram(program) : program
  let trace: Trace | undefined
  const open = async (): Promise<Trace> => {
    trace ??= await Trace.open({
      ...{ program: canonical, input, limits: { fuel, outputMax } },
      ...(memoryBytes !== undefined && { memoryBytes }),
      ...(tamper && { tamper }),
      ...(signal && { signal }),
    })
    return trace
  }
  const asked = async <T>(ask: (trace: Trace) => Promise<T>): Promise<T> => {
    try {
      return await ask(await open())
    } catch (error) {
      throw fromMachine(error)
    }
  }
  return {
    statesAt: (steps) => asked(async (trace) => (await trace.statesAt(steps)).map(toHex)),
    ending: () =>
      asked(async (trace) => {
        const ending = await trace.ending()
        const { output, outputRoot, programRoot, program: parts, last } = ending
        return {
          ...ending,
          ...hexOf({ output, outputRoot, programRoot }),
          program: hexOf(parts),
          last: hexOf(last),
        } satisfies Ending
      }),
    proveAt: (step) =>
      asked(async (trace) => {
        const { state, witness, next } = await trace.proveAt(step)
        return hexOf({ state, witness, next })
      }),
    lookAt: (step) =>
      asked(async (trace) => {
        const view = await trace.lookAt(step)
        const written = view.written.map((one) => ({ ...one, bytes: toHex(one.bytes) }))
        return { ...view, written } satisfies StepView
      }),
    close: async () => {
      trace = undefined
    },
  }
}

const toHex = (bytes: Uint8Array): Hex => bytesToHex(bytes)

function hexOf<K extends string>(fields: Readonly<Record<K, Uint8Array>>): Record<K, Hex> {
  const entries = Object.entries<Uint8Array>(fields).map(([name, bytes]) => [name, toHex(bytes)])
  return Object.fromEntries(entries) as Record<K, Hex>
}
