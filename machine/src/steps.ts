/**
 * The machine step by step, for those who look into a run or prove it: `docs/MACHINE.md` says what a step is. Whoever
 * only runs programs needs none of this.
 */
export { type StepLimits, StepMachine } from './interpret/stepMachine.ts'
export { type Decoded, decode, INSTRUCTION_BYTES, instructionAt, instructionOf } from './isa/encoding.ts'
export { INSTRUCTIONS, type Instruction, type InstructionClass } from './isa/instructions.ts'
export { print } from './isa/print.ts'
export { type FunctionName, functionNames } from './link/functionNames.ts'
export { lower } from './lower/lower.ts'
export type { Lowered } from './lower/lowered.ts'
export { ReplayProgram } from './replay/replay.ts'
export { type PageStore, StoreFullError } from './state/pageStore.ts'
export type { AllRegisters } from './state/registers.ts'
export {
  type Contents,
  DEPTH,
  MACHINE_STATUS,
  type MachineState,
  MEMORY_SPACE_LEAVES,
  type Registers,
  SLOTS,
} from './state/state.ts'
export { ProgramTrees, type Snapshot, StateTrees } from './state/stateTrees.ts'
export type { Input, Opener } from './step/machine.ts'
export { type ProvableState, type ProvenStep, proveStep, type Tree } from './step/prove.ts'
export type { Region } from './step/region.ts'
export { step } from './step/step.ts'
export { verifyStep } from './step/verify.ts'
export { MalformedWitnessError } from './step/witness.ts'
export type { Difference } from './trace/difference.ts'
export type { Ending } from './trace/ending.ts'
export { findLie, type Lie, type LieOptions } from './trace/findLie.ts'
export { functionAt, type StepView, type WrittenView } from './trace/look.ts'
export { SLOT_BYTES, SPACE_BYTES } from './trace/places.ts'
export { END, type Origin, originOf, Rerun, type RerunOptions, type Work } from './trace/rerun.ts'
export { TAMPER_FIELDS, type Tamper, type TamperField } from './trace/tamper.ts'
export { Trace, type TraceOptions } from './trace/trace.ts'
export { type Access, Watch, type Watched } from './trace/watch.ts'
