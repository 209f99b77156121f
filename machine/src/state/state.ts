/** A state of the provable machine, as `docs/MACHINE.md` specifies it, in the form that all its parts share. */
export interface Registers {
  pc: number
  sp: number
  fp: number
  aux: number
  fuel: bigint
  depth: number
  stop: number
  status: number
  pages: [number, number]
  outputLength: bigint
  outputMax: bigint
}

/** What `status` can be. */
export const MACHINE_STATUS = {
  running: 0,
  exited: 1,
  trapped: 2,
  outOfFuel: 3,
  stackExhausted: 4,
  outputFull: 5,
} as const

/** Bytes of a region from a leaf on. Zeros follow them up to the next extent. */
export interface Extent {
  readonly leaf: number
  readonly bytes: Uint8Array
}

/** A region's contents: extents in ascending order that share no leaf. Views of memory in use, valid until it runs on. */
export type Contents = readonly Extent[]

export interface MachineState {
  readonly registers: Registers
  readonly code: Contents
  /** Live slots only. */
  readonly stack: Contents
  readonly slots: Contents
  readonly memory: Contents
  readonly output: Contents
  readonly input: Uint8Array
}

/** Levels over the leaves of each region. */
export const DEPTH = { code: 26, stack: 19, slots: 30, memory: 29, output: 27 } as const

/** Leaves of one space of the memory region: the module's memory, the library's, the data segments. */
export const MEMORY_SPACE_LEAVES = 2 ** 27

/** First slots in the slots region. */
export const SLOTS = {
  globals: 0,
  tables: 2 ** 31,
  /** Slots for each table. */
  table: 2 ** 24,
  elements: 3 * 2 ** 30,
  tableSizes: 3 * 2 ** 30 + 2 ** 29,
  dataLengths: 3 * 2 ** 30 + 2 ** 29 + 2 ** 20,
  elementLengths: 3 * 2 ** 30 + 2 ** 29 + 2 ** 21,
} as const
