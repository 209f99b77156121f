// Sides of a game: over a real trace, whose work is counted, and over a machine that counts.
import type { Trace, Ending as TraceEnding } from '@millrace/machine/steps'
import type { Computation, Ending, Tracer } from '@millrace/sdk'
import { bytesToHex, type Hex } from 'viem'
import { countingRun } from '../../contracts/test/support/countingRuns.ts'

export type Side = Pick<Tracer, 'statesAt' | 'ending' | 'proveAt'>

/** What was asked of a side, so that it can be asked again. */
export type Question = { readonly ask: (side: Side) => Promise<unknown>; readonly answer: unknown }

export function sideOf(trace: Trace): Side {
  return {
    statesAt: async (steps) => (await trace.statesAt(steps)).map((hash) => bytesToHex(hash)),
    ending: async () => endingOf(await trace.ending()),
    async proveAt(step) {
      const { state, witness, next } = await trace.proveAt(step)
      return { state: bytesToHex(state), witness: bytesToHex(witness), next: bytesToHex(next) }
    },
  }
}

/** The same side, which keeps all that it is asked. */
export function asked(side: Side, questions: Question[]): Side {
  const keep = async <T>(ask: (side: Side) => Promise<T>): Promise<T> => {
    const answer = await ask(side)
    questions.push({ ask, answer })
    return answer
  }
  return {
    statesAt: (steps) => keep((side) => side.statesAt(steps)),
    ending: () => keep((side) => side.ending()),
    proveAt: (step) => keep((side) => side.proveAt(step)),
  }
}

/** A run of so many steps on the machine that counts; from `wrongAfter` on somebody's lie. */
export function countingSide(steps: bigint, wrongAfter?: bigint): { side: Side; contested: Computation } {
  const run = countingRun(steps, wrongAfter)
  const { outputMax, status, ...rest } = run.contested
  const contested = { ...rest, outputMax: Number(outputMax), status: Number(status) } as Computation
  const side: Side = {
    statesAt: (all) => run.run.statesAt(all),
    async ending() {
      const shown = hexWords(await run.defence())
      const { fuelUsed, output, programRoot, input } = contested
      const { code, memory_, slots, pages, registers, sizes, stack, lastMemory, lastSlots, outputRoot } =
        shown
      return {
        ...{ steps, status: contested.status, fuelUsed, output, outputRoot, programRoot },
        program: { code, memory: memory_, slots, pages },
        last: { registers, sizes, stack, memory: lastMemory, slots: lastSlots, input, output: outputRoot },
      }
    },
    proveAt: async (step) => ({
      state: run.hashAt(step) as Hex,
      witness: run.witness(step) as Hex,
      // What the machine makes of that state: only one step of a lie is wrong.
      next: (step === wrongAfter ? countingRun(steps) : run).hashAt(step + 1n) as Hex,
    }),
  }
  return { side, contested }
}

/** As ethers types them. */
const hexWords = <T extends object>(fields: T) => fields as { [K in keyof T]: Hex }

function endingOf({ program, last, output, outputRoot, programRoot, ...rest }: TraceEnding): Ending {
  return {
    ...rest,
    ...hexes({ output, outputRoot, programRoot }),
    program: hexes(program),
    last: hexes(last),
  }
}

function hexes<K extends string>(fields: Readonly<Record<K, Uint8Array>>): Record<K, Hex> {
  const entries = Object.entries<Uint8Array>(fields).map(([name, bytes]) => [name, bytesToHex(bytes)])
  return Object.fromEntries(entries) as Record<K, Hex>
}
