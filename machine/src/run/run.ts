import { commit } from '../io/commitment.ts'
import type { Hex } from '../io/hash.ts'
import { decodeInput } from '../io/input.ts'
import { EXPORTS, MAX_FUEL, STATE } from '../pass/abi.ts'
import type { Program } from '../program.ts'
import { compile } from './compile.ts'
import { BadLimitsError, HostAbortError } from './errors.ts'
import { Halt, Primitives } from './primitives.ts'
import { STATUS_CODES, type Status } from './status.ts'

/** What a run may use. */
export interface RunLimits {
  /** Units of fuel, at most `MAX_FUEL`. */
  readonly fuel: bigint
  /** Bytes of the encoded output: what is written, two to six more each time, and five for the exit code. */
  readonly outputMax: number
}

/** What a run came to: the same on every machine for the same program, input and limits. */
export interface RunResult {
  readonly status: Status
  /** The status as a signed result has it. */
  readonly statusCode: number
  /** All of the limit where it ran out. */
  readonly fuelUsed: bigint
  /** The encoded output, to be read with `decodeOutput`: what was written until the run ended. */
  readonly output: Uint8Array
  /** The commitment to `output`. */
  readonly outputRoot: Hex
  /** Why a program trapped, in words for a reader; engines word it differently, so it is not part of the result. */
  readonly trap?: string
}

/**
 * Runs a program to its end: by itself, by a trap, or by a limit. Once it has begun it blocks its thread for as
 * long as the fuel allows; whoever needs to do something else meanwhile runs it in a process of its own,
 * with {@link NATIVE_STACK_BYTES} of stack.
 *
 * An input that is not canonical traps before the program's first instruction.
 *
 * @param program what `buildProgram` returned, or `compile` made of it
 * @param input bytes from `encodeInput`
 * @throws {BadLimitsError} for limits that no run can have
 * @throws {HostAbortError} where the host could not finish the run: never a result
 */
export async function run(
  program: Program | WebAssembly.Module,
  input: Uint8Array,
  limits: RunLimits,
): Promise<RunResult> {
  checkLimits(limits)
  const module = program instanceof WebAssembly.Module ? program : await compile(program)
  const primitives = new Primitives(input, limits.outputMax)
  const { status, fuelUsed, trap } = await runToEnd(module, primitives, limits.fuel)

  const output = primitives.output.slice()
  return {
    status,
    statusCode: STATUS_CODES[status],
    fuelUsed,
    output,
    outputRoot: commit(output),
    ...(trap !== undefined && { trap: inputFault(input) ?? trap }),
  }
}

/** How a run ended. */
interface End {
  readonly status: Status
  readonly trap?: string | undefined
}

async function runToEnd(
  module: WebAssembly.Module,
  primitives: Primitives,
  fuel: bigint,
): Promise<End & { fuelUsed: bigint }> {
  let instance: WebAssembly.Instance
  try {
    // Asynchronous because browsers refuse large modules otherwise; it runs no code of the program.
    instance = await WebAssembly.instantiate(module, primitives.imports)
  } catch (thrown) {
    throw hostAbort(thrown)
  }
  primitives.attach(instance)
  const { exports } = instance
  const left = exports[EXPORTS.fuel] as WebAssembly.Global<'i64'>
  const state = exports[EXPORTS.state] as WebAssembly.Global<'i32'>
  left.value = fuel
  const { status, trap } = runInstance(exports[EXPORTS.run] as () => unknown, state)
  return { status, trap, fuelUsed: fuel - left.value }
}

function runInstance(start: () => unknown, state: WebAssembly.Global<'i32'>): End {
  try {
    start()
    return { status: 'exited' }
  } catch (thrown) {
    return endOf(thrown, state.value)
  }
}

/** What something thrown out of a program means. */
function endOf(thrown: unknown, state: number): End {
  if (thrown instanceof Halt) return thrown
  if (!(thrown instanceof WebAssembly.RuntimeError)) throw hostAbort(thrown)
  switch (state) {
    case STATE.running:
      return { status: 'trapped', trap: thrown.message }
    case STATE.outOfFuel:
      return { status: 'out-of-fuel' }
    case STATE.stackExhausted:
      return { status: 'stack-exhausted' }
    default:
      throw new HostAbortError('it could not give memory that the program may have', { cause: thrown })
  }
}

/** Why a program trapped at its start, if it was its input: a reader should not have to guess. */
function inputFault(input: Uint8Array): string | undefined {
  try {
    decodeInput(input)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

function hostAbort(thrown: unknown): HostAbortError {
  const reason = thrown instanceof Error ? thrown.message : String(thrown)
  return new HostAbortError(reason, { cause: thrown })
}

function checkLimits({ fuel, outputMax }: RunLimits): void {
  if (fuel < 0n || fuel > MAX_FUEL) throw new BadLimitsError(`fuel of ${fuel}`)
  if (!Number.isSafeInteger(outputMax) || outputMax < 0) throw new BadLimitsError(`outputMax of ${outputMax}`)
}
