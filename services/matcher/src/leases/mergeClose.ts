import type { WireClose } from '../store/wire.ts'

export interface ClosePart {
  owed: bigint
  until: bigint
  signature: string
  by: 'tasker' | 'provider'
}

/** What both keys said so far: a signature over other figures replaces what it does not agree with. */
export function mergeClose(before: WireClose | null, { owed, until, signature, by }: ClosePart): WireClose {
  const figures = { owed: owed.toString(), until: until.toString() }
  const agrees = before?.owed === figures.owed && before.until === figures.until
  const own = by === 'tasker' ? { taskerSignature: signature } : { providerSignature: signature }
  return { ...(agrees ? before : figures), ...own }
}

export function isComplete(close: WireClose | null): boolean {
  return close?.taskerSignature !== undefined && close.providerSignature !== undefined
}
