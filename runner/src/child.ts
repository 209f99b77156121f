/**
 * What runs inside a job's limited process: it reads a frame, does it, writes a frame, until the pipe ends. It gets no
 * keys, no environment and no addresses, and what it says is checked by the supervisor.
 */
import { buildProgram, compile, HostAbortError, ModuleRefusedError, run } from '@millrace/machine'
import { readFrame, reasonOf, writeFrame } from './childPipe.ts'
import type { Frame } from './frames.ts'

let module: WebAssembly.Module | undefined

async function load(bytes: Uint8Array, memoryPages: number): Promise<void> {
  let program: ReturnType<typeof buildProgram>
  try {
    program = buildProgram(bytes)
  } catch (error) {
    // Anything else says nothing about the module: this process ends, and the supervisor reads why on its stderr.
    if (!(error instanceof ModuleRefusedError)) throw error
    writeFrame({ refused: reasonOf(error) })
    return
  }
  // More than was offered is declined: no engine needs to see it.
  if (program.memory.maxPages <= memoryPages) module = await compile(program)
  writeFrame({ root: program.root, memoryPages: program.memory.maxPages })
}

async function runOnce(head: Frame['head'], input: Uint8Array): Promise<void> {
  if (!module) throw new Error('no program was loaded')
  const limits = { fuel: BigInt(String(head.fuel)), outputMax: Number(head.outputMax) }
  const { statusCode, fuelUsed, output, trap } = await run(module, input, limits)
  writeFrame({ status: statusCode, fuelUsed: fuelUsed.toString(), trap: trap && reasonOf(trap) }, output)
}

writeFrame({ ready: true })
for (let frame = readFrame(); frame; frame = readFrame()) {
  try {
    if (frame.head.do === 'load') await load(frame.body, Number(frame.head.memoryPages))
    else await runOnce(frame.head, frame.body)
  } catch (error) {
    if (!(error instanceof HostAbortError)) throw error
    writeFrame({ aborted: reasonOf(error) })
  }
}
