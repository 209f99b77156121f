import { EXPORTS, STATE } from '../pass/abi.ts'
import type { Host } from '../wasi/host.ts'
import type { OutputBuffer } from './outputBuffer.ts'
import type { Status } from './status.ts'

/** Thrown through the program to end its run; canonical programs can catch nothing. */
export class Halt {
  readonly status: Status
  readonly exitCode: number
  readonly trap: string | undefined

  constructor(status: Status, exitCode: number, trap?: string) {
    this.status = status
    this.exitCode = exitCode
    this.trap = trap
  }
}

/** The exit code in the output of a run that did not exit. */
export const NO_EXIT_CODE = -1

/** What WASI stands on, over one instance of a canonical program, and its fuel counter. */
export class MachineHost implements Host {
  readonly #output: OutputBuffer
  #exports: WebAssembly.Exports = {}

  constructor(output: OutputBuffer) {
    this.#output = output
  }

  /** Imports are made before the instance that they serve. */
  attach(instance: WebAssembly.Instance): void {
    this.#exports = instance.exports
  }

  get fuel(): WebAssembly.Global<'i64'> {
    return this.#exports[EXPORTS.fuel] as WebAssembly.Global<'i64'>
  }

  get state(): WebAssembly.Global<'i32'> {
    return this.#exports[EXPORTS.state] as WebAssembly.Global<'i32'>
  }

  start(): unknown {
    return (this.#exports[EXPORTS.run] as () => unknown)()
  }

  memory(): WebAssembly.Memory | undefined {
    return this.#exports[EXPORTS.memory] as WebAssembly.Memory | undefined
  }

  charge(units: number): void {
    const left = this.fuel.value - BigInt(units)
    if (left >= 0n) {
      this.fuel.value = left
      return
    }
    this.fuel.value = 0n
    this.state.value = STATE.outOfFuel
    throw new Halt('out-of-fuel', NO_EXIT_CODE)
  }

  write(stream: 'stdout' | 'stderr', bytes: Uint8Array): void {
    if (!this.#output.append(stream, bytes)) throw new Halt('output-full', NO_EXIT_CODE)
  }

  halt(exitCode: number): never {
    throw new Halt('exited', exitCode | 0)
  }

  trap(reason: string): never {
    throw new Halt('trapped', NO_EXIT_CODE, reason)
  }
}
