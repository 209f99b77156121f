/**
 * What a module may be, checked before an engine sees a byte of it. Each number keeps one resource of the
 * host bounded: memory here while the module is read, or time and memory in V8's compilers.
 *
 * `maxPages` and `maxTableElements` also shape the canonical program (they are written into it), so two
 * parties agree on a program's root only if they use the same ones: those of {@link DEFAULT_LIMITS}.
 */
export interface BuildLimits {
  /** Bytes of the whole module. */
  readonly moduleBytes: number
  readonly types: number
  /** Parameters of one function type. V8 takes 1,000; each use of the type costs time in proportion. */
  readonly params: number
  /** Results of one function or block type. */
  readonly results: number
  readonly imports: number
  /** Imported and own functions together. */
  readonly functions: number
  readonly globals: number
  readonly tables: number
  /** A module has one; a canonical program has the library's beside it. */
  readonly memories: number
  readonly exports: number
  /** Element segments, and likewise data segments (V8 takes 100,000 of those, the library's among them). */
  readonly segments: number
  /** Elements of all element segments: one takes a byte of the module, and 8 of the machine's first state. */
  readonly segmentElements: number
  /** Bytes of one function's body, as written and after the pass (V8 takes 7,654,321). */
  readonly bodyBytes: number
  /** Bytes of all functions after the pass: a byte may become a dozen, and each instruction 8 bytes of lowered code. */
  readonly codeBytes: number
  /** Parameters and locals of one function, counted one by one. V8 takes 50,000 with those that the pass adds. */
  readonly locals: number
  /** Locals of all functions together, counted one by one: five bytes can declare the most of one function. */
  readonly totalLocals: number
  /** Parameters, locals and operands at once in one frame. */
  readonly frameSlots: number
  /** Blocks within blocks. */
  readonly nesting: number
  /** Targets of one `br_table`. */
  readonly branchTargets: number
  /** The most memory a program gets, in pages of 64 KiB. A module that starts with more is refused. */
  readonly maxPages: number
  /**
   * The most elements that all tables get together, since no limit on memory counts them: V8 takes some 70 bytes for
   * each. A module that starts with more is refused.
   */
  readonly maxTableElements: number
}

export const DEFAULT_LIMITS: BuildLimits = {
  moduleBytes: 64 * 1024 * 1024,
  types: 100_000,
  params: 255,
  results: 64,
  imports: 10_000,
  functions: 200_000,
  globals: 100_000,
  tables: 16,
  memories: 1,
  exports: 100_000,
  segments: 99_000,
  segmentElements: 4_000_000,
  bodyBytes: 7_654_321,
  codeBytes: 128 * 1024 * 1024,
  locals: 48_000,
  totalLocals: 16_000_000,
  frameSlots: 65_536,
  nesting: 1_024,
  branchTargets: 65_520,
  maxPages: 16_384,
  maxTableElements: 1_000_000,
}
