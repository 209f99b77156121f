import { commit } from '../io/commitment.ts'
import { BadEncodingError } from '../io/errors.ts'
import type { Hex } from '../io/hash.ts'
import { decodeInput } from '../io/input.ts'
import { MAX_FUEL, STATE } from '../pass/abi.ts'
import type { Program } from '../program.ts'
import { inputPrice } from '../wasi/host.ts'
import { createImports } from '../wasi/imports.ts'
import { compile } from './compile.ts'
import { BadLimitsError, HostAbortError } from './errors.ts'
import { Halt, MachineHost, NO_EXIT_CODE } from './machineHost.ts'
import { OutputBuffer } from './outputBuffer.ts'
import { STATUS_CODES, type Status } from './status.ts'

/** What a run may use. */
export interface RunLimits {
  /** Units of fuel, at most `MAX_FUEL`. */
  readonly fuel: bigint
  /** Bytes of standard output and standard error together. */
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
 * An input that is not canonical traps before the first instruction.
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
  const output = new OutputBuffer(limits.outputMax)
  const host = new MachineHost(output)
  const end = await runToEnd(module, host, input, limits.fuel)

  const bytes = output.encode(end.exitCode)
  return {
    status: end.status,
    statusCode: STATUS_CODES[end.status],
    fuelUsed: end.fuelUsed,
    output: bytes,
    outputRoot: commit(bytes),
    ...(end.trap !== undefined && { trap: end.trap }),
  }
}

/** How a run ended. */
interface End {
  readonly status: Status
  readonly exitCode: number
  readonly trap?: string | undefined
}

async function runToEnd(
  module: WebAssembly.Module,
  host: MachineHost,
  bytes: Uint8Array,
  fuel: bigint,
): Promise<End & { fuelUsed: bigint }> {
  let price: number
  try {
    const input = decodeInput(bytes)
    price = inputPrice(input, bytes.length)
    // Asynchronous because browsers refuse large modules otherwise; it runs no code of the program.
    host.attach(await WebAssembly.instantiate(module, createImports(host, input)))
    host.fuel.value = fuel
  } catch (thrown) {
    return { ...endOf(thrown, STATE.running), fuelUsed: 0n }
  }
  const { status, exitCode, trap } = runAttached(host, price)
  return { status, exitCode, trap, fuelUsed: fuel - host.fuel.value }
}

function runAttached(host: MachineHost, price: number): End {
  try {
    host.charge(price)
    return { status: 'exited', exitCode: Number(host.start()) }
  } catch (thrown) {
    return endOf(thrown, host.state.value)
  }
}

/** What something thrown out of a program means. */
function endOf(thrown: unknown, state: number): End {
  if (thrown instanceof Halt) return thrown
  const stopped = { exitCode: NO_EXIT_CODE }
  if (thrown instanceof BadEncodingError) return { ...stopped, status: 'trapped', trap: thrown.message }
  if (!(thrown instanceof WebAssembly.RuntimeError)) throw hostAbort(thrown)
  switch (state) {
    case STATE.running:
      return { ...stopped, status: 'trapped', trap: thrown.message }
    case STATE.outOfFuel:
      return { ...stopped, status: 'out-of-fuel' }
    case STATE.stackExhausted:
      return { ...stopped, status: 'stack-exhausted' }
    default:
      throw new HostAbortError('it could not give memory that the program may have', { cause: thrown })
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
