/** The one import that AssemblyScript's runtime has without WASI: `env.abort`. */
import { PRICE } from './host.ts'
import { Failure } from './preview1.ts'
import type { World } from './world.ts'

/** More of a message than this is cut off. */
const MAX_MESSAGE_BYTES = 4096

export function assemblyScriptCalls(world: World) {
  const { host } = world
  return {
    /** Ends the run as a trap; what the program says goes to standard error. */
    abort(message: number, file: number, line: number, column: number) {
      host.charge(PRICE.call)
      const place = `${readString(world, file)}:${line >>> 0}:${column >>> 0}`
      const text = `abort: ${readString(world, message)} in ${place}`
      const bytes = new TextEncoder().encode(`${text}\n`)
      host.charge(bytes.length * PRICE.outputByte)
      host.write('stderr', bytes)
      host.trap(text)
    },
  }
}

/** A string of AssemblyScript's: UTF-16 in memory, its length in bytes in the word before it. */
function readString({ host, memory }: World, pointer: number): string {
  if (pointer === 0) return '?'
  try {
    const length = Math.min(memory.getU32((pointer >>> 0) - 4), MAX_MESSAGE_BYTES)
    const bytes = memory.bytes(pointer, length)
    host.charge(length * PRICE.byte)
    let text = ''
    for (let i = 0; i + 1 < bytes.length; i += 2)
      text += String.fromCharCode(bytes[i]! | (bytes[i + 1]! << 8))
    return text
  } catch (failure) {
    if (failure instanceof Failure) return '?'
    throw failure
  }
}
