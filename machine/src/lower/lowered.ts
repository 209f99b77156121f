/** Contents of a table when a program begins. */
export interface LoweredTable {
  /** The most elements that it may grow to. */
  readonly max: number
  /** As slots: 1 for null, else the reference plus 1. As many as the table begins with. */
  readonly elements: BigUint64Array
}

/** Bytes of an active data segment. */
export interface ImagePart {
  readonly memory: 0 | 1
  readonly address: number
  /** A view of the program. */
  readonly bytes: Uint8Array
}

/** What a canonical program becomes: its code, and the first contents of its regions (`docs/MACHINE.md`). */
export interface Lowered {
  /** 8 bytes an instruction. */
  readonly code: Uint8Array
  /** Of the two memories, at the start and at most. */
  readonly pages: readonly [number, number]
  readonly maxPages: readonly [number, number]
  /** Initial slots. */
  readonly globals: BigUint64Array
  readonly tables: readonly LoweredTable[]
  /** Passive element segments, one behind the other: references. */
  readonly elements: BigUint64Array
  /** By element segment, of those that are not passive too: how many references are left to copy. */
  readonly elementLengths: BigUint64Array
  /** Passive data segments, as they stand in space 2 of the memory region. */
  readonly data: Uint8Array
  readonly dataLengths: BigUint64Array
  /** Active data segments, to be written in this order. */
  readonly image: readonly ImagePart[]
  /** By function of the program (imports first): pc of its first instruction, 0 for imports. */
  readonly functions: Uint32Array
  /** By pc: the offset in the program of the WebAssembly instruction that it came from. Only where it was asked for. */
  readonly map?: Uint32Array
}
