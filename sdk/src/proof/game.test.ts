import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { deadlineOf, packGame, SIDES, unpackGame } from './game.ts'

const uint = (bits: bigint) => fc.bigInt(0n, 2n ** bits - 1n)
const states = fc.record({
  firstStep: uint(72n),
  level: fc.nat(255),
  turn: fc.constantFrom(...SIDES),
  providerClock: uint(40n),
  challengerClock: uint(40n),
  extension: uint(40n),
  movedAt: uint(40n),
})

describe("a game's state", () => {
  it('is one word, and back', () =>
    fc.assert(
      fc.property(states, (state) => {
        expect(unpackGame(packGame(state))).toEqual(state)
      }),
    ))

  it('has its fields where the contract has them', () => {
    const word =
      (0x1122334455n << 208n) |
      (0x66n << 168n) |
      (0x77n << 128n) |
      (0x88n << 88n) |
      (1n << 80n) |
      (5n << 72n) |
      9n
    expect(unpackGame(word)).toEqual({
      ...{ firstStep: 9n, level: 5, turn: 'challenger', providerClock: 0x88n, challengerClock: 0x77n },
      ...{ extension: 0x66n, movedAt: 0x1122334455n },
    })
    expect(deadlineOf(unpackGame(word))).toBe(0x1122334455n + 0x77n)
  })

  it('is refused where a field does not fit', () => {
    const [state] = fc.sample(states, 1)
    expect(() => packGame({ ...state!, extension: 2n ** 40n })).toThrow('extension')
    expect(() => packGame({ ...state!, movedAt: -1n })).toThrow('movedAt')
  })
})
