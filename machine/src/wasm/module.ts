/** A function type. The arrays are views of the module's own bytes: one value type a byte. */
export interface FunctionType {
  readonly params: Uint8Array
  readonly results: Uint8Array
}

export const KIND = { function: 0, table: 1, memory: 2, global: 3 } as const
export const KIND_NAMES = ['function', 'table', 'memory', 'global'] as const

export interface Import {
  readonly module: string
  readonly name: string
  readonly kind: number
  /** Of a function: its type's index. Otherwise 0. */
  readonly type: number
  readonly offset: number
}

export interface Limits {
  readonly min: number
  /** Null where none is declared. */
  readonly max: number | null
  readonly offset: number
}

export interface Global {
  readonly type: number
  readonly mutable: boolean
}

export interface Export {
  readonly name: string
  readonly kind: number
  readonly index: number
  readonly offset: number
}

/** An element or data segment. */
export interface Segment {
  /** Where an active segment goes: constant offset and table (0 for data); null for any other. */
  readonly active: { readonly table: number; readonly start: number | null } | null
  readonly length: number
  readonly offset: number
  /** Where it ends. */
  readonly end: number
}

/** A stretch of the module's bytes. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** How a function is declared as the target of some `ref.func`: bits. */
export const DECLARED = { export: 1, elsewhere: 2 } as const

/** A decoded module: everything but the bodies is validated. Index spaces hold imports first. */
export interface Module {
  readonly bytes: Uint8Array
  readonly types: FunctionType[]
  readonly imports: Import[]
  /** Type index of every function. */
  readonly functions: number[]
  importedFunctions: number
  readonly tables: Limits[]
  importedTables: number
  readonly memories: Limits[]
  importedMemories: number
  readonly globals: Global[]
  importedGlobals: number
  readonly exports: Export[]
  start: { index: number; offset: number } | null
  readonly elements: Segment[]
  readonly data: Segment[]
  dataCount: number | null
  /** By function: {@link DECLARED}. */
  declared: Uint8Array
  /** Start and end of each own function's body (locals and code), two numbers a function. */
  readonly bodies: number[]
  /** By section id: the entries, without the count before them. */
  readonly entries: Map<number, Span>
}
