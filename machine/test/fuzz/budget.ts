/** How much each run fuzzes, and from which seed: `FUZZ_SEED` repeats a run, `MILLRACE_DEEP` takes the large budget. */

export const DEEP = Boolean(process.env.MILLRACE_DEEP)

/** `npm test` sets it for all tests, and prints it. */
export const SEED = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31) % 2 ** 31

/** Cases in one test. */
export const BATCH = 50

/** The first seed of each batch. */
export const batchesOf = ({ quick, deep }: { quick: number; deep: number }): number[] =>
  Array.from({ length: DEEP ? deep : quick }, (_, i) => SEED + i * BATCH)
