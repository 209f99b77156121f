/** A guest for the tests of the calls: a real memory, a host that records, and no program. */
import { decodeInput, encodeInput, type JobInput } from '../io/input.ts'
import type { Host } from './host.ts'
import { createImports } from './imports.ts'
import { WASI_MODULE } from './preview1.ts'

export class Ended extends Error {}

export function createGuest(input: Partial<JobInput> = {}) {
  const memory = new WebAssembly.Memory({ initial: 1 })
  const written = { stdout: '', stderr: '' }
  let charged = 0
  const end = (reason: string): never => {
    throw new Ended(reason)
  }
  const host: Host = {
    write: (stream, bytes) => {
      written[stream] += new TextDecoder().decode(bytes)
    },
    halt: (code) => end(`exit ${code}`),
    trap: end,
    charge: (units) => {
      charged += units
    },
    memory: () => memory,
  }
  const imports = createImports(host, decodeInput(encodeInput(input)))
  const call = (name: string, ...args: (number | bigint)[]): number => {
    const wasi = imports[WASI_MODULE] as Record<string, (...args: (number | bigint)[]) => number>
    return wasi[name]!(...args)
  }
  const abort = imports.env!.abort as (...args: number[]) => void
  return {
    call,
    abort,
    written,
    memory,
    charged: () => charged,
    view: () => new DataView(memory.buffer),
    bytes: (at: number, length: number) => new Uint8Array(memory.buffer, at, length).slice(),
    text: (at: number, length: number) => new TextDecoder().decode(new Uint8Array(memory.buffer, at, length)),
    /** Puts text into memory; returns its length in bytes. */
    put: (at: number, text: string) =>
      new TextEncoder().encodeInto(text, new Uint8Array(memory.buffer, at)).written,
    /** Puts one iovec into memory. */
    iovec: (at: number, pointer: number, length: number) => {
      const view = new DataView(memory.buffer)
      view.setUint32(at, pointer, true)
      view.setUint32(at + 4, length, true)
    },
    /** Opens a path under `/` for reading; returns the error number and the descriptor. */
    open: (path: string, options: { oflags?: number; rights?: bigint; fd?: number } = {}) => {
      const { oflags = 0, rights = 2n, fd = 3 } = options
      const length = new TextEncoder().encodeInto(path, new Uint8Array(memory.buffer, 60_000)).written
      const errno = call('path_open', fd, 0, 60_000, length, oflags, rights, 0n, 0, 59_000)
      return { errno, fd: new DataView(memory.buffer).getUint32(59_000, true) }
    },
  }
}
