import { describe, expect, it } from 'vitest'
import { keccak256 } from '../io/hash.ts'
import { createGuest, Ended, ERRNO, type Guest } from './testGuest.ts'

const OUTSIDE = 65_535

describe('arguments and environment', () => {
  const input = { args: ['prog', 'é'], env: { B: '2', A: 'one' } }

  it('are given with sizes, pointers and a NUL each', () => {
    const guest = createGuest(input)
    expect(guest.call('args_sizes_get', 0, 4)).toBe(ERRNO.success)
    expect([guest.view().getUint32(0, true), guest.view().getUint32(4, true)]).toEqual([2, 8])
    expect(guest.call('args_get', 16, 100)).toBe(ERRNO.success)
    expect(guest.text(100, 8)).toBe('prog\0é\0')
    expect([guest.view().getUint32(16, true), guest.view().getUint32(20, true)]).toEqual([100, 105])
  })

  it('give the environment by name', () => {
    const guest = createGuest(input)
    guest.call('environ_sizes_get', 0, 4)
    expect([guest.view().getUint32(0, true), guest.view().getUint32(4, true)]).toEqual([2, 10])
    guest.call('environ_get', 16, 100)
    expect(guest.text(100, 10)).toBe('A=one\0B=2\0')
  })

  it('fail with EFAULT where a pointer is outside', () => {
    const guest = createGuest(input)
    expect(guest.call('args_sizes_get', OUTSIDE, 0)).toBe(ERRNO.fault)
    expect(guest.call('args_get', 0, OUTSIDE)).toBe(ERRNO.fault)
    expect(guest.call('environ_sizes_get', 0, -1)).toBe(ERRNO.fault)
    expect(guest.call('environ_get', OUTSIDE, 0)).toBe(ERRNO.fault)
  })
})

describe('clocks', () => {
  it('start at the input and move on by a microsecond a reading', () => {
    const guest = createGuest({ clock: 1_000_000_000n })
    const read = (id: number) => {
      expect(guest.call('clock_time_get', id, 0n, 0)).toBe(ERRNO.success)
      return guest.view().getBigUint64(0, true)
    }
    expect([read(0), read(0), read(1)]).toEqual([1_000_001_000n, 1_000_002_000n, 3_000n])
  })

  it('refuse unknown clocks and bad pointers', () => {
    const guest = createGuest()
    expect(guest.call('clock_time_get', 4, 0n, 0)).toBe(ERRNO.inval)
    expect(guest.call('clock_time_get', 0, 0n, OUTSIDE)).toBe(ERRNO.fault)
    expect(guest.call('clock_res_get', 9, 0)).toBe(ERRNO.inval)
    expect(guest.call('clock_res_get', 0, 0)).toBe(ERRNO.success)
    expect(guest.view().getBigUint64(0, true)).toBe(1000n)
  })

  it('sleep without waiting', () => {
    const guest = createGuest()
    guest.view().setBigUint64(0, 77n, true)
    guest.view().setUint32(16, 1, true)
    guest.view().setBigUint64(24, 3_600_000_000_000n, true)
    expect(guest.call('poll_oneoff', 0, 100, 1, 200)).toBe(ERRNO.success)
    expect(guest.view().getUint32(200, true)).toBe(1)
    expect(guest.view().getBigUint64(100, true)).toBe(77n)
    guest.call('clock_time_get', 1, 0n, 0)
    expect(guest.view().getBigUint64(0, true)).toBe(3_600_000_001_000n)
  })

  it('sleep until a point in time', () => {
    const guest = createGuest({ clock: 500n })
    guest.view().setBigUint64(24, 1_000_000n, true)
    guest.view().setUint16(40, 1, true)
    expect(guest.call('poll_oneoff', 0, 100, 1, 200)).toBe(ERRNO.success)
    guest.call('clock_time_get', 0, 0n, 0)
    expect(guest.view().getBigUint64(0, true)).toBe(1_001_000n)
  })
})

describe('poll_oneoff', () => {
  it('finds pipes ready before any timeout, and says how much there is', () => {
    const guest = createGuest({ stdin: new Uint8Array(5) })
    guest.view().setBigUint64(24, 1_000n, true)
    guest.view().setUint8(48 + 8, 1)
    guest.view().setUint32(48 + 16, 0, true)
    expect(guest.call('poll_oneoff', 0, 200, 2, 400)).toBe(ERRNO.success)
    expect(guest.view().getUint32(400, true)).toBe(1)
    expect(guest.view().getUint8(210)).toBe(1)
    expect(guest.view().getBigUint64(216, true)).toBe(5n)
  })

  it('reports a descriptor that is not open in its event', () => {
    const guest = createGuest()
    guest.view().setUint8(8, 2)
    guest.view().setUint32(16, 99, true)
    expect(guest.call('poll_oneoff', 0, 200, 1, 400)).toBe(ERRNO.success)
    expect(guest.view().getUint16(208, true)).toBe(ERRNO.badf)
  })

  it('refuses nothing, nonsense and what lies outside', () => {
    const guest = createGuest()
    expect(guest.call('poll_oneoff', 0, 200, 0, 400)).toBe(ERRNO.inval)
    guest.view().setUint8(8, 7)
    expect(guest.call('poll_oneoff', 0, 200, 1, 400)).toBe(ERRNO.inval)
    expect(guest.call('poll_oneoff', 0, 200, 100_000, 400)).toBe(ERRNO.fault)
    expect(guest.call('poll_oneoff', 0, 200, -1, 400)).toBe(ERRNO.fault)
    expect(guest.call('poll_oneoff', 0, OUTSIDE, 1, 400)).toBe(ERRNO.fault)
  })
})

describe('random_get', () => {
  const seed = new Uint8Array(32).fill(7)

  it('is a counter stream of keccak-256, in pieces of any size', () => {
    const guest = createGuest({ seed })
    guest.call('random_get', 0, 5)
    guest.call('random_get', 5, 59)
    const blocks = [0, 1].map((n) => keccak256(Uint8Array.of(...seed, n, 0, 0, 0, 0, 0, 0, 0)))
    expect(guest.bytes(0, 64)).toEqual(Uint8Array.of(...blocks[0]!, ...blocks[1]!))
  })

  it('costs by the byte and fails with EFAULT', () => {
    const guest = createGuest({ seed })
    const cost = (length: number) => {
      const before = guest.charged()
      guest.call('random_get', 0, length)
      return guest.charged() - before
    }
    cost(32)
    const [one, hundred] = [cost(32), cost(3200)]
    expect(hundred).toBeGreaterThan(90 * one)
    expect(hundred).toBeLessThan(100 * one)
    expect(guest.call('random_get', OUTSIDE, 2)).toBe(ERRNO.fault)
  })
})

describe('the end', () => {
  it('is proc_exit with its code', () => {
    const guest = createGuest()
    expect(() => guest.call('proc_exit', -3)).toThrow(new Ended('exited'))
    expect(guest.output()).toMatchObject({ exitCode: -3, files: {}, folders: [] })
  })

  it('is not sched_yield, and not proc_raise, which is not there', () => {
    expect(createGuest().call('sched_yield')).toBe(ERRNO.success)
    expect(createGuest().call('proc_raise', 6)).toBe(ERRNO.nosys)
  })
})

describe('abort', () => {
  const utf16 = (guest: Guest, at: number, text: string) => {
    guest.view().setUint32(at - 4, text.length * 2, true)
    for (let i = 0; i < text.length; i++) guest.view().setUint16(at + 2 * i, text.charCodeAt(i), true)
  }

  it('traps, with its message on standard error', () => {
    const guest = createGuest()
    utf16(guest, 100, 'Out of cheese')
    utf16(guest, 200, 'moon.ts')
    expect(() => guest.abort(100, 200, 4, 2)).toThrow(new Ended('trapped'))
    expect(guest.written().stderr).toBe('abort: Out of cheese in moon.ts:4:2\n')
  })

  it('survives pointers to nowhere', () => {
    for (const [message, file] of [
      [0, -8],
      [2, 65_540],
    ] as const) {
      const guest = createGuest()
      expect(() => guest.abort(message, file, 0, -1)).toThrow(new Ended('trapped'))
      expect(guest.written().stderr).toBe('abort: ? in ?:0:4294967295\n')
    }
  })

  it('writes any UTF-16 as UTF-8, and half a pair as U+FFFD', () => {
    const message = 'aé€\u{1f600}\ud800x\udc00\ud801\ud83d\ude00'
    const guest = createGuest()
    utf16(guest, 100, message)
    expect(() => guest.abort(100, 0, 1, 2)).toThrow(new Ended('trapped'))
    const text = new TextDecoder().decode(new TextEncoder().encode(message))
    expect(guest.written().stderr).toBe(`abort: ${text} in ?:1:2\n`)
  })

  it('cuts off what is too long', () => {
    const guest = createGuest()
    utf16(guest, 100, '€'.repeat(5000))
    expect(() => guest.abort(100, 100, 1, 2)).toThrow(new Ended('trapped'))
    const most = '€'.repeat(2048)
    expect(guest.written().stderr).toBe(`abort: ${most} in ${most}:1:2\n`)
  })
})
