/**
 * What runs inside a trace's limited process: `messages.ts` says what it is asked. Like a job's process it gets no keys,
 * no environment and no addresses, and what it says is checked by the supervisor.
 */
import { buildProgram, HostAbortError, ModuleRefusedError } from '@millrace/machine'
import { findLie, type Tamper, Trace, type TraceOptions } from '@millrace/machine/steps'
import { readFrame, reasonOf, writeFrame } from '../childPipe.ts'
import type { Frame } from '../frames.ts'
import { BlockedPages } from './blocks.ts'
import { plain, unpackSteps } from './messages.ts'

/** What the supervisor hears of progress is for people. */
const PROGRESS_MS = 500

let trace: Trace | undefined
/** Of the honest run. */
let options: Omit<TraceOptions, 'tamper'> | undefined
let progressAt = 0

/** Pages that this process has no room for are the supervisor's to keep. */
const pages = new BlockedPages({
  write: (block) => ask({ put: true }, block).head.kept === true,
  read: (number) => ask({ get: number }).body,
})

function ask(head: object, body?: Uint8Array): Frame {
  writeFrame(head, body)
  // Without one, the supervisor is gone.
  return readFrame() ?? process.exit()
}

function onProgress(steps: bigint): void {
  if (performance.now() - progressAt < PROGRESS_MS) return
  progressAt = performance.now()
  writeFrame({ progress: steps.toString() })
}

async function open({ head, body }: Frame): Promise<void> {
  const length = Number(head.program)
  const program = build(body.subarray(0, length), Number(head.memoryPages))
  if (typeof program === 'string') return writeFrame({ refused: program })
  const tamper = head.tamper as (Omit<Tamper, 'step'> & { step: string }) | undefined
  options = {
    program,
    input: body.slice(length),
    limits: { fuel: BigInt(String(head.fuel)), outputMax: Number(head.outputMax) },
    memoryBytes: head.memoryBytes === undefined ? undefined : Number(head.memoryBytes),
    pages,
    onProgress,
  }
  trace = await Trace.open({ ...options, tamper: tamper && { ...tamper, step: BigInt(tamper.step) } })
  writeFrame({ opened: true })
}

async function find(seed: number): Promise<void> {
  const lie = await findLie({ ...options!, seed })
  if (!lie) return writeFrame({ none: true })
  const { tamper, ending, altered, output } = lie
  writeFrame({ tamper: plain(tamper), ending: plain(ending), ...told(altered) }, output)
}

const told = (lie: Awaited<ReturnType<Trace['lie']>>) => (lie ? { lie: plain(lie) } : { honest: true })

/** The canonical program, or why there is none. */
function build(module: Uint8Array, memoryPages: number): Uint8Array | string {
  try {
    const { canonical, memory } = buildProgram(module)
    if (memory.maxPages <= memoryPages) return canonical
    return `It may take ${memory.maxPages} pages of memory; at most ${memoryPages} are offered.`
  } catch (error) {
    if (!(error instanceof ModuleRefusedError)) throw error
    return reasonOf(error)
  }
}

async function answer(frame: Frame): Promise<void> {
  if (frame.head.do === 'open') return open(frame)
  if (!trace) throw new Error('no program was opened')
  const step = () => BigInt(String(frame.head.step))
  switch (frame.head.do) {
    case 'statesAt':
      return writeFrame({}, Buffer.concat(await trace.statesAt(unpackSteps(frame.body))))
    case 'ending':
      return writeFrame({ ending: plain(await trace.ending()) })
    case 'output':
      return writeFrame({}, await trace.output())
    case 'proveAt': {
      const { state, next, witness } = await trace.proveAt(step())
      return writeFrame({}, Buffer.concat([state, next, witness]))
    }
    case 'lookAt':
      return writeFrame({}, Buffer.from(JSON.stringify(plain(await trace.lookAt(step())))))
    case 'lie':
      return writeFrame(told(await trace.lie()))
    case 'findLie':
      return find(Number(frame.head.seed))
    default:
      throw new Error(`nothing is called ${frame.head.do}`)
  }
}

writeFrame({ ready: true })
for (let frame = readFrame(); frame; frame = readFrame()) {
  try {
    await answer(frame)
  } catch (error) {
    // Anything else ends this process, and the supervisor reads why on its stderr.
    if (!(error instanceof HostAbortError)) throw error
    writeFrame({ aborted: reasonOf(error) })
  }
}
