/** The other side of the comparison: an untouched module on V8, over a WASI that knows nothing of fuel. */
import {
  Directory,
  Fd,
  File,
  type Inode,
  OpenFile,
  PreopenDirectory,
  WASI,
  wasi as wasiDefs,
} from '@bjorn3/browser_wasi_shim'
import type { JobInput, JobOutput } from '@millrace/machine'

/** What both sides have. */
export type Written = Pick<JobOutput, 'exitCode' | 'stdout' | 'stderr'>

/** More imports than WASI's, made for one instance. */
export type ExtraImports = (instance: () => WebAssembly.Instance) => WebAssembly.Imports

/** Runs a module to its end. */
export async function runRaw(
  module: WebAssembly.Module,
  input: JobInput,
  extra?: ExtraImports,
): Promise<Written> {
  const [stdout, stderr] = [new Sink(), new Sink()]
  const wasi = new WASI(
    [...input.args],
    Object.entries(input.env).map(([name, value]) => `${name}=${value}`),
    [new OpenFile(new File(input.stdin)), stdout, stderr, new PreopenDirectory('/', tree(input.files))],
    { debug: false },
  )
  // Its own are the time and a random generator; a comparison of outputs wants neither.
  let now = input.clock
  wasi.wasiImport.clock_time_get = (_id: number, _precision: bigint, at: number) => {
    now += 1_000n
    memoryOf(wasi).setBigUint64(at, now, true)
    return 0
  }
  wasi.wasiImport.random_get = (at: number, length: number) => {
    new Uint8Array(wasi.inst.exports.memory.buffer, at, length).fill(0)
    return 0
  }
  let instance: WebAssembly.Instance | undefined
  instance = await WebAssembly.instantiate(module, {
    wasi_snapshot_preview1: wasi.wasiImport,
    env: { abort: () => exit('abort was called') }, // AssemblyScript's
    ...extra?.(() => instance!),
  } as WebAssembly.Imports)
  const exitCode = wasi.start(instance as Parameters<WASI['start']>[0])
  return { exitCode, stdout: stdout.bytes(), stderr: stderr.bytes() }
}

function memoryOf(wasi: WASI): DataView {
  return new DataView(wasi.inst.exports.memory.buffer)
}

function exit(reason: string): never {
  throw new Error(reason)
}

/** Folders follow from the paths. */
function tree(files: JobInput['files']): Map<string, Inode> {
  const root = new Map<string, Inode>()
  for (const [path, content] of Object.entries(files)) {
    const names = path.split('/').slice(1)
    const file = names.pop()!
    let folder = root
    for (const name of names) {
      const found = folder.get(name) ?? new Directory(new Map())
      folder.set(name, found)
      folder = (found as Directory).contents
    }
    folder.set(file, new File(content, { readonly: true }))
  }
  return root
}

/** A pipe that keeps what is written to it. */
class Sink extends Fd {
  readonly #written: Uint8Array[] = []

  override fd_write(data: Uint8Array) {
    this.#written.push(data.slice())
    return { ret: 0, nwritten: data.length }
  }

  override fd_fdstat_get() {
    return { ret: 0, fdstat: new wasiDefs.Fdstat(0, 0) }
  }

  bytes(): Uint8Array {
    return Buffer.concat(this.#written)
  }
}
