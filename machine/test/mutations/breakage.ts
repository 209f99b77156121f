import type { Handler } from '../../src/step/machine.ts'
import type { Compute } from '../../src/step/numeric.ts'

/** An instruction done slightly wrong: what it does instead, given the right way. */
export type Broken<T> = (right: T, of: (name: string) => T) => T

/** By what is wrong. */
export type Breakages<T> = Readonly<Record<string, Broken<T>>>

export type BrokenCompute = Breakages<Compute>
export type BrokenHandler = Breakages<Handler>

/** The result is another where there is one. */
export const altered =
  (change: (result: bigint, a: bigint, b: bigint) => bigint | undefined): Broken<Compute> =>
  (right) =>
  (a, b) => {
    const result = right(a, b)
    return result === undefined ? undefined : change(result, a, b)
  }

/** There is a result where it should trap. */
export const onTrap =
  (gives: (a: bigint, b: bigint) => bigint | undefined): Broken<Compute> =>
  (right) =>
  (a, b) =>
    right(a, b) ?? gives(a, b)
