import { GrowingBytes } from '../io/growingBytes.ts'
import { EXPORTS } from '../pass/abi.ts'
import { PRIMITIVE_MODULE, type PrimitiveName } from '../pass/linkage.ts'
import type { Status } from './status.ts'

/** Thrown through the program to end its run; canonical programs can catch nothing. */
export class Halt {
  readonly status: Status

  constructor(status: Status) {
    this.status = status
  }
}

/** All that a program can ask of whoever runs it: to read an input, to write an output, and to end. */
export class Primitives {
  readonly imports: WebAssembly.Imports
  readonly #input: Uint8Array
  readonly #output = new GrowingBytes()
  readonly #outputMax: number
  #memory: WebAssembly.Memory | undefined

  constructor(input: Uint8Array, outputMax: number) {
    this.#input = input
    this.#outputMax = outputMax
    const calls: Record<PrimitiveName, (...args: number[]) => number | undefined> = {
      input_length: () => input.length,
      input_read: (to, offset, length) => this.#read(to! >>> 0, offset! >>> 0, length! >>> 0),
      output_write: (from, length) => this.#write(from! >>> 0, length! >>> 0),
      halt: () => {
        throw new Halt('exited')
      },
    }
    this.imports = { [PRIMITIVE_MODULE]: calls }
  }

  /** Imports are made before the instance that they serve. */
  attach(instance: WebAssembly.Instance): void {
    this.#memory = instance.exports[EXPORTS.libraryMemory] as WebAssembly.Memory
  }

  /** What was written so far. */
  get output(): Uint8Array {
    return this.#output.bytes()
  }

  #read(to: number, offset: number, length: number): undefined {
    const memory = this.#bytes()
    if (to + length > memory.length || offset + length > this.#input.length) throw new Halt('trapped')
    memory.set(this.#input.subarray(offset, offset + length), to)
  }

  /** Keeps what fits; the program ends if that was not all of it. */
  #write(from: number, length: number): undefined {
    const memory = this.#bytes()
    if (from + length > memory.length) throw new Halt('trapped')
    const kept = Math.min(length, this.#outputMax - this.#output.length)
    this.#output.append(memory.subarray(from, from + kept))
    if (kept < length) throw new Halt('output-full')
  }

  /** Growing the memory detaches an older view. */
  #bytes(): Uint8Array {
    return new Uint8Array(this.#memory!.buffer)
  }
}
