/** Frequent sequences of instructions, and which of them is to be done where. */
import { KINDS, kindNumber } from './kinds.ts'

export class Sequences {
  /** By handler: the kind of its first instruction, done alone. */
  readonly firstKinds: Uint16Array
  /** A tree over kinds: by node and kind, the node below. Node 0 is none, node 1 the root. */
  private readonly below: Uint16Array
  /** By node: the handler of the sequence that ends there, or 0. */
  private readonly handlers: Uint16Array

  /** @param names the handler of the n-th has the number `KINDS.length + n` */
  constructor(names: readonly (readonly string[])[]) {
    const width = KINDS.length
    const below: number[] = new Array(2 * width).fill(0)
    const handlers = [0, 0]
    const all = [...KINDS.map((_, kind) => [kind]), ...names.map((sequence) => sequence.map(kindNumber))]
    for (const [handler, sequence] of all.entries()) {
      let node = 1
      for (const kind of sequence) {
        let next = below[node * width + kind]!
        if (next === 0) {
          next = handlers.length
          below[node * width + kind] = next
          handlers.push(0)
          for (let i = 0; i < width; i++) below.push(0)
        }
        node = next
      }
      handlers[node] = handler
    }
    this.below = Uint16Array.from(below)
    this.handlers = Uint16Array.from(handlers)
    const [call, callEnter] = [kindNumber('call'), kindNumber('call.enter')]
    this.firstKinds = Uint16Array.from(all, ([kind]) => (kind === callEnter ? call : kind!))
  }

  /**
   * Chooses for each instruction the handler with which the fewest of them are needed from there on, as long as
   * nothing jumps, and writes its number into the low half of its words.
   */
  choose(kinds: Uint16Array, words: Int32Array): void {
    const width = KINDS.length
    const { below, handlers } = this
    // How many handlers are needed from one of the next instructions on, by its number modulo 16.
    const needed = new Int32Array(16)
    for (let i = kinds.length - 1; i >= 0; i--) {
      let node = below[width + kinds[i]!]!
      let best = 0x7fffffff
      let handler = 0
      for (let j = i; node !== 0; ) {
        const ending = handlers[node]!
        if (ending !== 0 || j === i) {
          const cost = 1 + needed[(j + 1) & 15]!
          if (cost <= best) {
            best = cost
            handler = ending
          }
        }
        j++
        if (j >= kinds.length) break
        node = below[node * width + kinds[j]!]!
      }
      needed[i & 15] = best
      words[2 * i] = words[2 * i]! | handler
    }
  }
}
