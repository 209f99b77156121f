/** The deterministic, metered Wasm machine of Millrace: Node and browsers, no network, no disk, no chain. */

export { commit } from './io/commitment.ts'
export { BadEncodingError } from './io/errors.ts'
export { type Hex, keccak256, toHex } from './io/hash.ts'
export { decodeInput, encodeInput, type JobInput } from './io/input.ts'
export { hashPair, LEAF_BYTES, merklePath, merkleRoot, rootFromPath, treeDepth } from './io/merkle.ts'
export { decodeOutput, encodeOutput, type JobOutput } from './io/output.ts'
export { LIBRARY_PAGES } from './link/library.ts'
export { MAX_FUEL, NATIVE_STACK_BYTES, STACK_SLOTS, V8_FLAGS } from './pass/abi.ts'
export {
  type BuildLimits,
  buildProgram,
  DEFAULT_LIMITS,
  MACHINE_VERSION,
  ModuleRefusedError,
  type Program,
} from './program.ts'
export { compile } from './run/compile.ts'
export { BadLimitsError, HostAbortError } from './run/errors.ts'
export { type RunLimits, type RunResult, run } from './run/run.ts'
export { STATUS_CODES, type Status } from './run/status.ts'
