import type { Dice } from '../../src/random/dice.ts'
import { F32, F64, FUNCREF, I32, I64 } from '../../src/wasm/opcodes.ts'
import type { Twin } from './twin.ts'

/** What the functions of a module have in common. */
export interface Surroundings {
  /** Types that its code is mostly about. */
  readonly favourites: readonly number[]
  readonly signatures: readonly Signature[]
  /** Function indices that may be called, with their signatures. */
  readonly callable: readonly { readonly index: number; readonly signature: Signature }[]
  readonly globals: readonly { readonly type: number; readonly mutable: boolean }[]
  readonly tables: readonly number[]
  readonly dataSegments: number
  readonly elementSegments: number
  /** The index of a type, which is added to the module if it is new. */
  typeIndex(params: readonly number[], results: readonly number[]): number
}

export interface Signature {
  readonly params: readonly number[]
  readonly results: readonly number[]
}

export const NUMBERS: readonly number[] = [I32, I64, F32, F64]
export const TYPES: readonly number[] = [...NUMBERS, FUNCREF]

/** Globals that keep a module from running for ever: calls within calls, and rounds and calls altogether. */
export const DEPTH = 0
export const BUDGET = 1

/** Enough for every masked address and short length to lie within the memory's first page. */
export const ADDRESS_MASK = 0xfff

/** A function that is being made, as those see it who write a part of it. `depth` is how far they may nest. */
export interface Body {
  readonly dice: Dice
  readonly around: Surroundings
  readonly code: Twin
  /** One value of the type. */
  expression(type: number, depth: number): void
  /** The same without nesting. */
  leaf(type: number): void
  /** An address, mostly within the memory. */
  address(depth: number): void
  /** An index, mostly within every table. */
  index(depth: number): void
  mask(mask: number): void
  /** In the reference: makes the float on top canonical if it is a NaN. */
  canonicalise(type: number): void
  local(type: number): number
  /** Takes values off the stack into locals, or drops them. */
  keep(types: readonly number[]): void
}
