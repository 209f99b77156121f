/** Calls about the process: arguments, environment, clocks, randomness, its end. */
import { PRICE } from './host.ts'
import { ERRNO, Failure } from './preview1.ts'
import type { World } from './world.ts'

const CLOCK = { realtime: 0, monotonic: 1, processCpu: 2, threadCpu: 3 } as const

export function processCalls({ host, memory, input, clock, random }: World) {
  const args = toStrings(input.args)
  const environ = toStrings(Object.entries(input.env).map(([name, value]) => `${name}=${value}`))

  const getStrings = ({ strings, size }: Strings, pointers: number, buffer: number) => {
    host.charge(strings.length * PRICE.item + size * PRICE.byte)
    let slot = pointers >>> 0
    let at = buffer >>> 0
    for (const string of strings) {
      memory.setU32(slot, at)
      memory.set(at, string)
      slot += 4
      at += string.length
    }
  }
  const getSizes = ({ strings, size }: Strings, countOut: number, sizeOut: number) => {
    memory.setU32(countOut, strings.length)
    memory.setU32(sizeOut, size)
  }

  return {
    args_get: (pointers: number, buffer: number) => getStrings(args, pointers, buffer),
    args_sizes_get: (count: number, size: number) => getSizes(args, count, size),
    environ_get: (pointers: number, buffer: number) => getStrings(environ, pointers, buffer),
    environ_sizes_get: (count: number, size: number) => getSizes(environ, count, size),

    clock_res_get(id: number, out: number) {
      checkClock(id)
      memory.setU64(out, clock.resolution)
    },
    clock_time_get(id: number, _precision: bigint, out: number) {
      checkClock(id)
      memory.bytes(out, 8)
      memory.setU64(out, id === CLOCK.realtime ? clock.realtime() : clock.elapsed())
    },

    random_get(buffer: number, length: number) {
      const target = memory.bytes(buffer, length)
      host.charge(target.length * PRICE.randomByte)
      random.fill(target)
    },

    proc_exit(code: number) {
      host.halt(code)
    },
    proc_raise() {
      throw new Failure(ERRNO.nosys)
    },
    sched_yield() {},
  }
}

function checkClock(id: number): void {
  if (id >>> 0 > CLOCK.threadCpu) throw new Failure(ERRNO.inval)
}

/** Strings as C has them, each with its NUL, and how many bytes they are together. */
interface Strings {
  readonly strings: readonly Uint8Array[]
  readonly size: number
}

function toStrings(texts: readonly string[]): Strings {
  const encoder = new TextEncoder()
  const strings = texts.map((text) => encoder.encode(`${text}\0`))
  return { strings, size: strings.reduce((sum, string) => sum + string.length, 0) }
}
