/** Thrown for a module that the machine does not take. Nothing of it was run. */
export class ModuleRefusedError extends Error {
  override readonly name = 'ModuleRefusedError'
  readonly code = 'module-refused'
  /** The same bytes are refused every time. */
  readonly retryable = false
  readonly remedy: string
  /** Where in the module: a section's name (`type`, `import`, …, `code`) or `module` for the whole. */
  readonly section: string
  /** Byte offset in the module. */
  readonly offset: number
  /** What is wrong, in words. */
  readonly reason: string

  constructor(section: string, offset: number, reason: string, remedy = DEFAULT_REMEDY) {
    super(`Module refused: ${reason} (${section}, byte ${offset}). ${remedy}`)
    this.section = section
    this.offset = offset
    this.reason = reason
    this.remedy = remedy
  }
}

const DEFAULT_REMEDY = 'Build the program for plain wasm32-wasi (preview 1) and check that the file is whole.'

/** A remedy for modules that use a proposal which the machine leaves out. */
export const FEATURE_REMEDY = 'Build it again with that feature switched off in the compiler.'
