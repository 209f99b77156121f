/**
 * What one version of a loop supposes: that stores that wait to be looked at, and accesses in between, lie apart.
 * How far, is a sum of locals that the loop does not set, so it is looked at once, in front of the loop.
 */
import { OP } from '../wasm/opcodes.ts'
import type { Writer } from '../wasm/writer.ts'
import type { Addresses, Difference } from './addresses.ts'

/** More would cost more in front of a loop than is saved in it. */
const MOST = 4
/** Accesses with one difference of locals lie within as many bytes of each other. */
const SPAN = 1 << 16

/** The difference of locals must not be from `low` to `high`. */
interface Supposition extends Difference {
  low: number
  high: number
}

export class Apart {
  private readonly addresses: Addresses
  private readonly suppositions = new Map<string, Supposition>()
  private set: readonly number[] = []
  private isOn = false

  constructor(addresses: Addresses) {
    this.addresses = addresses
  }

  /** @param set locals that the loop sets */
  begin(set: readonly number[]): void {
    this.addresses.startSums()
    this.suppositions.clear()
    this.set = set
    this.isOn = true
  }

  end(): void {
    this.addresses.endSums()
    this.isOn = false
  }

  get any(): boolean {
    return this.suppositions.size > 0
  }

  /** Supposes that an access of `width` bytes, `distance` beyond a store of `stored`, apart from origins, lies beside. */
  suppose(origin: number, store: number, distance: number, stored: number, width: number): boolean {
    const difference = this.isOn ? this.addresses.difference(origin, store) : null
    if (difference === null) return false
    const { plus, minus } = difference
    if ([...plus, ...minus].some((local) => this.set.includes(local))) return false
    const [low, high] = [1 - width - (distance | 0), stored - 1 - (distance | 0)]
    const key = `${plus} ${minus}`
    const known = this.suppositions.get(key)
    if (!known) {
      if (this.suppositions.size === MOST) return false
      this.suppositions.set(key, { plus, minus, low, high })
      return true
    }
    const wider = { low: Math.min(low, known.low), high: Math.max(high, known.high) }
    if (wider.high - wider.low > SPAN) return false
    Object.assign(known, wider)
    return true
  }

  /** Leaves a number that is not 0 if something that was supposed is wrong; there is something. */
  write(code: Writer): void {
    let isFirst = true
    for (const { plus, minus, low, high } of this.suppositions.values()) {
      code.u8(OP.i32Const)
      code.signed(-low | 0)
      const apply = (locals: readonly number[], op: number) => {
        for (const local of locals) {
          code.u8(OP.localGet)
          code.u32(local)
          code.u8(op)
        }
      }
      apply(plus, OP.i32Add)
      apply(minus, OP.i32Sub)
      code.u8(OP.i32Const)
      code.signed(high - low)
      code.u8(OP.i32LeU)
      if (!isFirst) code.u8(OP.i32Or)
      isFirst = false
    }
  }
}
