/** `poll_oneoff`: nothing is ever waited for. Pipes are ready, and a sleep moves the clock on. */
import { PRICE } from './host.ts'
import { ERRNO, type Errno, EVENT, Failure, SUBSCRIPTION_CLOCK_ABSTIME } from './preview1.ts'
import type { World } from './world.ts'

const SUBSCRIPTION_BYTES = 48
const EVENT_BYTES = 32

interface Happening {
  readonly userdata: bigint
  readonly type: number
  readonly errno: Errno
  /** Nanoseconds until it happens; a pipe or a file is ready at once. */
  readonly wait: bigint
  readonly bytes: bigint
}

export function pollCalls(world: World) {
  const { host, memory, clock } = world
  return {
    poll_oneoff(subscriptions: number, events: number, count: number, out: number) {
      const asked = count >>> 0
      if (asked === 0) throw new Failure(ERRNO.inval)
      checkArray(world, subscriptions, asked, SUBSCRIPTION_BYTES)
      checkArray(world, events, asked, EVENT_BYTES)
      memory.bytes(out, 4)
      host.charge(asked * PRICE.item)

      const happenings: Happening[] = []
      for (let i = 0; i < asked; i++) {
        happenings.push(readSubscription(world, (subscriptions >>> 0) + i * SUBSCRIPTION_BYTES))
      }
      const soonest = happenings.reduce(
        (least, { wait }) => (wait < least ? wait : least),
        happenings[0]!.wait,
      )
      clock.sleep(soonest)
      const happened = happenings.filter(({ wait }) => wait === soonest)
      happened.forEach((event, i) => {
        writeEvent(world, (events >>> 0) + i * EVENT_BYTES, event)
      })
      memory.setU32(out, happened.length)
    },
  }
}

function checkArray({ memory }: World, pointer: number, count: number, size: number): void {
  // A length of 2^32 and more would wrap around in `bytes`.
  if (count * size > 0xffff_ffff) throw new Failure(ERRNO.fault)
  memory.bytes(pointer, count * size)
}

/** User data at 0, tag at 8; a clock's id at 16, timeout at 24, flags at 40; a descriptor's number at 16. */
function readSubscription({ memory, clock, descriptors }: World, at: number): Happening {
  const userdata = memory.getU64(at)
  const type = memory.getU8(at + 8)
  const ready = { userdata, type, errno: ERRNO.success, wait: 0n, bytes: 0n }
  if (type === EVENT.clock) {
    const id = memory.getU32(at + 16)
    const timeout = memory.getU64(at + 24)
    if (id > 1) return { ...ready, errno: ERRNO.inval }
    if (!(memory.getU16(at + 40) & SUBSCRIPTION_CLOCK_ABSTIME)) return { ...ready, wait: timeout }
    const now = id === 0 ? clock.realtime() : clock.elapsed()
    return { ...ready, wait: timeout > now ? timeout - now : 0n }
  }
  if (type !== EVENT.fdRead && type !== EVENT.fdWrite) throw new Failure(ERRNO.inval)
  try {
    const descriptor = descriptors.get(memory.getU32(at + 16))
    if (type === EVENT.fdWrite || !('position' in descriptor)) return ready
    const content = descriptor.kind === 'file' ? descriptor.node.content : descriptor.content
    const left = BigInt(content.length) - descriptor.position
    return { ...ready, bytes: left > 0n ? left : 0n }
  } catch (failure) {
    if (failure instanceof Failure) return { ...ready, errno: failure.errno }
    throw failure
  }
}

/** User data at 0, error at 8, type at 10, bytes ready at 16, flags at 24. */
function writeEvent({ memory }: World, at: number, event: Happening): void {
  memory.bytes(at, EVENT_BYTES).fill(0)
  memory.setU64(at, event.userdata)
  memory.setU32(at + 8, event.errno | (event.type << 16))
  memory.setU64(at + 16, event.bytes)
}
