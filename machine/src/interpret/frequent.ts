/** Sequences of kinds that programs run often. */
export const SEQUENCES: readonly (readonly string[])[] = []
