/** Everything a program can import, for one run. */
import type { JobInput } from '../io/input.ts'
import { assemblyScriptCalls } from './assemblyScript.ts'
import { descriptorCalls } from './descriptorCalls.ts'
import { type Host, PRICE } from './host.ts'
import { pathCalls } from './pathCalls.ts'
import { pollCalls } from './poll.ts'
import { ERRNO, Failure, WASI_MODULE } from './preview1.ts'
import { processCalls } from './process.ts'
import { socketCalls } from './sockets.ts'
import { createWorld } from './world.ts'

type Call = (...args: never[]) => void

/** The imports of one run. */
export function createImports(host: Host, input: JobInput): WebAssembly.Imports {
  const world = createWorld(host, input)
  const wasi: Record<string, Call> = {
    ...processCalls(world),
    ...descriptorCalls(world),
    ...pathCalls(world),
    ...pollCalls(world),
    ...socketCalls(world),
  }
  return {
    [WASI_MODULE]: Object.fromEntries(
      Object.entries(wasi).map(([name, call]) => [name, metered(host, call)]),
    ),
    env: assemblyScriptCalls(world),
  }
}

/** A call as the program makes it: it costs fuel and returns an error number. */
function metered(host: Host, call: Call): (...args: never[]) => number {
  return (...args) => {
    host.charge(PRICE.call)
    try {
      call(...args)
      return ERRNO.success
    } catch (failure) {
      if (failure instanceof Failure) return failure.errno
      throw failure
    }
  }
}
