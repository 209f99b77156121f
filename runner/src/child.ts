/**
 * What runs inside the limited process: it reads a frame, does it, writes a frame, until the pipe ends.
 *
 * It reads with blocking calls: nothing else has to happen here meanwhile, and a run is synchronous anyway. It
 * gets no keys, no environment and no addresses, and what it says is checked by the supervisor.
 */
import { readSync, writeSync } from 'node:fs'
import { buildProgram, compile, HostAbortError, ModuleRefusedError, run } from '@millrace/machine'
import { decodeHead, decodePrefix, encodeHead, type Frame, PREFIX_BYTES } from './frames.ts'

const STDIN = 0
const STDOUT = 1
/** Programs and inputs were measured by the supervisor before they are sent. */
const MAX_BODY = 2 ** 31
const REASON_CHARS = 500

let module: WebAssembly.Module | undefined

/** Reads exactly so many bytes, or nothing where the pipe ended. */
function read(length: number): Uint8Array | undefined {
  const bytes = new Uint8Array(length)
  for (let at = 0; at < length; ) {
    const count = readSync(STDIN, bytes, at, length - at, null)
    if (count === 0) return undefined
    at += count
  }
  return bytes
}

function readFrame(): Frame | undefined {
  const prefix = read(PREFIX_BYTES)
  if (!prefix) return undefined
  const lengths = decodePrefix(prefix, MAX_BODY)
  const head = read(lengths.head)
  const body = read(lengths.body)
  return head && body && { head: decodeHead(head), body }
}

function writeFrame(head: object, body: Uint8Array = new Uint8Array()): void {
  for (const bytes of [encodeHead(head, body.length), body]) {
    for (let at = 0; at < bytes.length; ) at += writeSync(STDOUT, bytes, at)
  }
}

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
  writeFrame(
    { status: statusCode, fuelUsed: fuelUsed.toString(), trap: trap?.slice(0, REASON_CHARS) },
    output,
  )
}

const reasonOf = (error: unknown) =>
  (error instanceof Error ? error.message : String(error)).slice(0, REASON_CHARS)

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
