/** A job's process: given a program once, then inputs one after the other. */
import { STATUS_CODES } from '@millrace/machine'
import { ModuleRefused } from './errors.ts'
import type { Jail } from './jail/command.ts'
import type { ProcessLimits } from './jail/limits.ts'
import { LimitedProcess, reasonIn, unsigned } from './limited.ts'
import { toNote } from './printable.ts'

/** What the process found in a program's bytes. */
export interface LoadedProgram {
  /** The root that follows from the bytes. */
  readonly root: `0x${string}`
  /** Most linear memory that it can ever have, in pages. */
  readonly memoryPages: number
}

/** One run. */
export interface RunRequest {
  readonly input: Uint8Array
  readonly fuel: bigint
  readonly outputMax: number
}

/** How the program ended: the same on every host, but for `trap`. */
export interface RunOutcome {
  readonly status: number
  readonly fuelUsed: bigint
  readonly output: Uint8Array
  /** Why it trapped, in the words of this host's engine, if not of a guest that speaks for it. */
  readonly trap?: string
}

/** Bytes of a frame without output: the loaded program's head alone. */
const NO_BODY = 0

/** A process that is ready to take a program. */
export class JobProcess extends LimitedProcess {
  /** Set once a program was loaded. */
  loaded: LoadedProgram | undefined

  constructor(jail: Jail, limits: ProcessLimits, niceness: number, bundle: string) {
    super({ jail, limits, niceness, bundle })
  }

  /**
   * Derives the program's root and compiles it, unless it may have more memory than that. No byte of the guest runs.
   */
  async load(bytes: Uint8Array, memoryPages: number, wallMs: number): Promise<LoadedProgram> {
    await this.ready
    const { head } = await this.ask({ do: 'load', memoryPages }, [bytes], { maxBody: NO_BODY, wallMs })
    if (head.refused) throw new ModuleRefused(reasonIn(head.refused))
    this.loaded = { root: head.root as `0x${string}`, memoryPages: Number(head.memoryPages) }
    return this.loaded
  }

  /** Runs the loaded program in a fresh instance. */
  async run(request: RunRequest, wallMs: number): Promise<RunOutcome> {
    const ask = { do: 'run', fuel: request.fuel.toString(), outputMax: request.outputMax }
    const { head, body } = await this.ask(ask, [request.input], { maxBody: request.outputMax, wallMs })
    const { status } = head
    const fuelUsed = unsigned(head.fuelUsed)
    const isStatus = Number.isInteger(status) && Number(status) >= 0 && Number(status) <= 4
    if (!isStatus || fuelUsed === undefined || fuelUsed > request.fuel) {
      throw this.kill('died', 'it answered what no machine answers')
    }
    const isTold = status === STATUS_CODES.trapped && typeof head.trap === 'string'
    const trap = isTold ? toNote(head.trap as string) : undefined
    return { status: Number(status), fuelUsed, output: body, trap }
  }
}
