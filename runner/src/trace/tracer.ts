/**
 * A run that can be looked into at any step, in a limited process of its own: how a result is defended and challenged
 * without trusting the program that made it. One such process serves all games about one job.
 */
import { getPriority } from 'node:os'
import type { Tamper } from '@millrace/machine/steps'
import { PROOF_PACE, type Tracer } from '@millrace/sdk'
import { openBundle } from '../bundle.ts'
import { HostAbort, ModuleRefused } from '../errors.ts'
import { BadFrameError, type Frame } from '../frames.ts'
import type { Jail } from '../jail/command.ts'
import { detectJail } from '../jail/detect.ts'
import { LimitedProcess, reasonIn, unsigned } from '../limited.ts'
import { holdShare } from '../share.ts'
import * as answers from './answers.ts'
import { BlockFile } from './blockFile.ts'
import { BLOCK_BYTES } from './blocks.ts'
import { packSteps, stepText } from './messages.ts'

/** The job, and what of this computer it may use. */
export interface TracerRequest {
  readonly program: Uint8Array
  readonly input: Uint8Array
  readonly fuel: bigint
  readonly outputMax: number
  /** Most linear memory that the program may have, in pages of 64 KiB. */
  readonly memoryPages: number
  /** Where states are kept that the process has no room for. */
  readonly dir: string
  /** Share of one CPU: above 0, at most 1. */
  readonly cpuShare?: number
  /** Most bytes in `dir`. */
  readonly diskBytes?: number
  /** Bytes of states that its process keeps; beyond them they go to `dir`. Else what a `Trace` keeps. */
  readonly memoryBytes?: number
  /** For liars: the state after so many steps is altered, and the run goes on from it. */
  readonly tamper?: Tamper
  /** Ends the process; what is asked then fails. */
  readonly signal?: AbortSignal
  /** Called now and then with the steps done by what is under way. */
  readonly onProgress?: (steps: bigint) => void
}

/** A tracer whose process can be looked at. What is asked at the same time is answered in turn. */
export interface JailedTracer extends Tracer {
  readonly pid: number | undefined
  /** False once the process is gone: another tracer must be opened then. */
  readonly alive: boolean
  /** The run's output, with what the tampering made of it. */
  output(): Promise<Uint8Array>
  /** What the tampering altered; nothing of an honest run. */
  lie(): Promise<answers.LieView | undefined>
  /** For liars: a tampering whose result somebody might claim; nothing where none was found. Takes many runs. */
  findLie(seed: number): Promise<answers.FoundLie | undefined>
  status(): TracerStatus
}

export interface TracerStatus {
  /** Steps done by what was asked last. */
  readonly steps: bigint
  readonly diskBytes: number
  /** CPU time so far, where the host tells. */
  readonly cpuMs: number | undefined
}

/** For tests: another jail, another program in it. */
export interface TracerSurroundings {
  readonly jail?: Jail
  readonly bundle?: string
}

/** Of the states that a run came through, as many bytes as of the machine's own memory may be kept thrice besides. */
const COPIES = 4
/** The lowered program of the largest module, and the trees' nodes. */
const HEAP_MIB = 768
const DISK_BYTES = 16 * 2 ** 30
/**
 * CPU time: so many times what one run takes on an ordinary core. Cores are slow, and there are many games about the same
 * job; what bounds a game is its clock.
 */
const GAMES = 100n
const LEAST_SECONDS = 600

/**
 * Starts the process and gives it the job. The run itself begins with the first question.
 *
 * @throws {ModuleRefused} where the machine refuses the program, or it may take more memory than is offered
 * @throws {HostAbort} where this computer could not do it
 */
export async function openTracer(
  request: TracerRequest,
  around: TracerSurroundings = {},
): Promise<JailedTracer> {
  request.signal?.throwIfAborted()
  const file = await BlockFile.open(request.dir, request.diskBytes ?? DISK_BYTES)
  const tracer = new TraceProcess(request, file, around)
  try {
    await tracer.open()
    return tracer
  } catch (error) {
    await tracer.close()
    throw error
  }
}

class TraceProcess implements JailedTracer {
  readonly #request: TracerRequest
  readonly #file: BlockFile
  readonly #process: LimitedProcess
  readonly #wallMs: number
  readonly #abort = () => this.#process.kill('stopped', 'whoever asked for it has no more use for it')
  #steps = 0n
  /** Done when all that was asked so far is. */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(request: TracerRequest, file: BlockFile, { jail, bundle }: TracerSurroundings) {
    const { memoryPages, fuel, cpuShare = 1 } = request
    const cpuSeconds = LEAST_SECONDS + Number((fuel * GAMES) / PROOF_PACE)
    this.#request = request
    this.#file = file
    this.#wallMs = Math.min((cpuSeconds * 1000) / cpuShare, 2 ** 31 - 1)
    this.#process = new LimitedProcess({
      jail: jail ?? detectJail(),
      limits: { memoryPages, copies: COPIES, heapMiB: HEAP_MIB, cpuSeconds },
      // The agent's own. Jobs are nicer: a collateral hangs on this one's clock.
      niceness: getPriority(),
      bundle: bundle ?? openBundle('trace/traced'),
      aside: (frame) => this.#aside(frame),
    })
    request.signal?.addEventListener('abort', this.#abort)
  }

  get pid(): number | undefined {
    return this.#process.pid
  }

  get alive(): boolean {
    return this.#process.alive
  }

  status(): TracerStatus {
    return { steps: this.#steps, diskBytes: this.#file.bytes, cpuMs: this.#process.cpuMs() }
  }

  async open(): Promise<void> {
    const { program, input, fuel, outputMax, memoryPages, memoryBytes, tamper } = this.#request
    const head = {
      do: 'open',
      program: program.length,
      fuel: fuel.toString(),
      outputMax,
      memoryPages,
      memoryBytes,
      tamper: tamper && { ...tamper, step: tamper.step.toString() },
    }
    await this.#process.ready
    await this.#ask(head, [program, input], 0, (frame) => {
      if (frame.head.refused) throw new ModuleRefused(reasonIn(frame.head.refused))
      if (!frame.head.opened) throw new BadFrameError('It did not say that it is open.')
    })
  }

  async statesAt(steps: readonly bigint[]) {
    const [body, bytes] = [packSteps(steps), answers.statesBytes(steps.length)]
    return this.#ask({ do: 'statesAt' }, [body], bytes, (frame) => answers.readStates(frame, steps.length))
  }

  ending() {
    return this.#ask({ do: 'ending' }, [], 0, answers.readEnding)
  }

  output() {
    return this.#ask({ do: 'output' }, [], this.#request.outputMax, ({ body }) => body)
  }

  async proveAt(step: bigint) {
    const head = { do: 'proveAt', step: stepText(step) }
    return this.#ask(head, [], answers.MAX_PROOF_BYTES, answers.readProof)
  }

  async lookAt(step: bigint) {
    const head = { do: 'lookAt', step: stepText(step) }
    return this.#ask(head, [], answers.MAX_VIEW_BYTES, answers.readView)
  }

  lie() {
    return this.#ask({ do: 'lie' }, [], 0, answers.readLie)
  }

  findLie(seed: number) {
    return this.#ask({ do: 'findLie', seed }, [], this.#request.outputMax, answers.readFoundLie)
  }

  async close(): Promise<void> {
    this.#request.signal?.removeEventListener('abort', this.#abort)
    await this.#process.stop()
    // What was asked has failed by now; a block may still be on its way to the disk.
    await this.#turn
    await this.#file.close()
  }

  /** In turn; an answer that is none ends the process. */
  #ask<T>(head: object, bodies: Uint8Array[], maxBody: number, read: (frame: Frame) => T): Promise<T> {
    const answer = this.#turn.then(async () => {
      const limits = { maxBody: Math.max(maxBody, BLOCK_BYTES), wallMs: this.#wallMs }
      const release = holdShare(this.#process, this.#request.cpuShare ?? 1)
      try {
        const frame = await this.#process.ask(head, bodies, limits)
        if (frame.body.length > maxBody)
          throw new BadFrameError(`${frame.body.length} bytes; at most ${maxBody}.`)
        return read(frame)
      } catch (error) {
        if (error instanceof BadFrameError)
          throw this.#process.kill('died', `it gave no answer: ${error.message}`)
        throw error
      } finally {
        release()
      }
    })
    this.#turn = answer.catch(() => {})
    return answer
  }

  #aside({ head, body }: Frame): Promise<void> | undefined {
    if (head.put !== undefined) return this.#keep(body)
    if (head.get !== undefined) return this.#send(head.get)
    if (head.progress !== undefined) return this.#progress(head.progress)
    return undefined
  }

  async #keep(block: Uint8Array): Promise<void> {
    await this.#process.say({ kept: await this.#file.append(block) }, [])
  }

  async #send(number: unknown): Promise<void> {
    await this.#process.say({ block: true }, [await this.#file.read(number)])
  }

  async #progress(said: unknown): Promise<void> {
    const steps = unsigned(said)
    if (steps === undefined) throw new HostAbort('died', 'it made progress by what is no number')
    this.#steps = steps
    this.#request.onProgress?.(steps)
  }
}
