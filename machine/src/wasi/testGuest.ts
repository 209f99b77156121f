/** A guest for the tests of the calls: a program that does nothing but pass a test's calls on to the library. */
import { encodeInput, type JobInput } from '../io/input.ts'
import { decodeOutput } from '../io/output.ts'
import { libraryFor } from '../link/library.ts'
import { EXPORTS, MAX_FUEL, STACK_SLOTS } from '../pass/abi.ts'
import { instrument } from '../pass/instrument.ts'
import { ALLOWED_IMPORTS } from '../pass/wasiSignatures.ts'
import { Halt, Primitives } from '../run/primitives.ts'
import { wat } from '../testing/wat.ts'
import { decodeModule } from '../wasm/decodeModule.ts'
import { DEFAULT_LIMITS } from '../wasm/limits.ts'

/** Error numbers of WASI preview 1. */
export const ERRNO = {
  success: 0,
  badf: 8,
  exist: 20,
  fault: 21,
  ilseq: 25,
  inval: 28,
  isdir: 31,
  mfile: 33,
  nametoolong: 37,
  noent: 44,
  nospc: 51,
  nosys: 52,
  notdir: 54,
  notempty: 55,
  notsock: 57,
  notsup: 58,
  rofs: 69,
  spipe: 70,
  notcapable: 76,
} as const

export const OFLAGS = { creat: 1, directory: 2, excl: 4, trunc: 8 } as const
export const FD_READ = 1n << 1n
export const FD_WRITE = 1n << 6n

/** The call ended the program: by exiting, or by a trap. */
export class Ended extends Error {}

const TYPE: Readonly<Record<string, string>> = { i: 'i32', I: 'i64' }

/** Exports a function for each import, which calls it. */
function passOn(): string {
  const list = (word: string, letters: string) =>
    letters === '' ? '' : `(${word} ${[...letters].map((letter) => TYPE[letter]).join(' ')})`
  const functions = [...ALLOWED_IMPORTS].map(([full, signature], i) => {
    const [from, name] = full.split('.')
    const [params, results] = signature.split('>') as [string, string]
    const type = `${list('param', params)} ${list('result', results)}`
    const args = [...params].map((_, at) => `(local.get ${at})`).join(' ')
    return {
      imported: `(import "${from}" "${name}" (func $${i} ${type}))`,
      exported: `(func (export "${full}") ${type} (call $${i} ${args}))`,
    }
  })
  return `(module ${functions.map(({ imported }) => imported).join('\n')}
    (memory (export "memory") 1 100)
    ${functions.map(({ exported }) => exported).join('\n')})`
}

const module = decodeModule(wat(passOn()), DEFAULT_LIMITS)
const { leave: _, ...library } = libraryFor(module)
const canonical = instrument(module, DEFAULT_LIMITS, { calls: [], keep: module.exports, library })
const compiled = new WebAssembly.Module(canonical as Uint8Array<ArrayBuffer>)

export type Guest = ReturnType<typeof createGuest>

/** A guest that was given this input, which may also be bytes that are none. */
export function createGuest(input: Partial<JobInput> | Uint8Array = {}) {
  const bytes = input instanceof Uint8Array ? input : encodeInput(input)
  const primitives = new Primitives(bytes, 2 ** 32)
  const instance = new WebAssembly.Instance(compiled, primitives.imports)
  primitives.attach(instance)
  const { exports } = instance
  const memory = exports.memory as WebAssembly.Memory
  const fuel = exports[EXPORTS.fuel] as WebAssembly.Global<'i64'>
  const stack = exports[EXPORTS.stack] as WebAssembly.Global<'i32'>
  fuel.value = MAX_FUEL

  const guarded = (name: string, args: readonly (number | bigint)[]): number => {
    try {
      return (exports[name] as (...args: readonly (number | bigint)[]) => number)(...args)
    } catch (thrown) {
      if (thrown instanceof Halt) throw new Ended(thrown.status)
      if (thrown instanceof WebAssembly.RuntimeError) throw new Ended('trapped')
      throw thrown
    }
  }
  guarded(EXPORTS.run, [])

  const guest = {
    memory,
    /** Calls a function of WASI. */
    call: (name: string, ...args: (number | bigint)[]) => guarded(`wasi_snapshot_preview1.${name}`, args),
    abort: (...args: number[]) => guarded('env.abort', args),
    /** What was written to the output so far. */
    output: () => decodeOutput(primitives.output),
    outputLength: () => primitives.output.length,
    written: () => {
      const { stdout, stderr } = guest.output()
      return { stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) }
    },
    /** Fuel used so far. */
    charged: () => Number(MAX_FUEL - fuel.value),
    /** Slots of the stack that are taken: none between two calls. */
    slots: () => STACK_SLOTS - stack.value,
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
    /** Opens a path under `/`, for reading unless rights say more; returns the error number and the descriptor. */
    open: (
      path: string,
      options: { oflags?: number; rights?: bigint; fd?: number; fdflags?: number } = {},
    ) => {
      const { oflags = 0, rights = FD_READ, fd = 3, fdflags = 0 } = options
      const length = guest.put(60_000, path)
      const errno = guest.call('path_open', fd, 0, 60_000, length, oflags, rights, 0n, fdflags, 59_000)
      return { errno, fd: guest.view().getUint32(59_000, true) }
    },
    /** Calls with one path under `/`, behind the descriptor and whatever comes before the path. */
    onPath: (name: string, path: string, before: number[] = [], after: (number | bigint)[] = []) =>
      guest.call(name, 3, ...before, 60_000, guest.put(60_000, path), ...after),
    rename: (from: string, to: string) => {
      const length = guest.put(60_000, from)
      return guest.call('path_rename', 3, 60_000, length, 3, 50_000, guest.put(50_000, to))
    },
    /** Writes text to a descriptor; returns the error number. */
    write: (fd: number, text: string) => {
      guest.iovec(58_000, 40_000, guest.put(40_000, text))
      return guest.call('fd_write', fd, 58_000, 1, 58_008)
    },
    /** What a descriptor reads next, up to a number of bytes. */
    read: (fd: number, length = 1000) => {
      guest.iovec(58_000, 40_000, length)
      const errno = guest.call('fd_read', fd, 58_000, 1, 58_008)
      return errno === 0 ? guest.text(40_000, guest.view().getUint32(58_008, true)) : errno
    },
    /** Names in a folder, each with its type, inode and the cookie after it. */
    list: (fd: number, cookie = 0n) => {
      const names: { name: string; type: number; inode: bigint; next: bigint }[] = []
      for (let at = cookie; ; at = names.at(-1)!.next) {
        // Room for one whole entry with the longest name.
        if (guest.call('fd_readdir', fd, 40_000, 280, at, 58_000) !== 0) throw new Error('no list')
        if (guest.view().getUint32(58_000, true) < 24) return names
        const view = new DataView(memory.buffer, 40_000)
        const name = guest.text(40_024, view.getUint32(16, true))
        names.push({
          name,
          type: view.getUint8(20),
          inode: view.getBigUint64(8, true),
          next: view.getBigUint64(0, true),
        })
      }
    },
    /** Writes `/out` and the exit code to the output, and ends the program. */
    exit: (code = 0) => {
      try {
        guest.call('proc_exit', code)
      } catch (thrown) {
        if (thrown instanceof Ended) return guest.output()
        throw thrown
      }
      throw new Error('it came back')
    },
  }
  return guest
}
