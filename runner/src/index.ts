/** The runner: strangers' programs in limited processes, whose word is checked. */
export { openBundle } from './bundle.ts'
export { HostAbort, ModuleRefused } from './errors.ts'
export { BlobUnavailableError, fetchBytes } from './fetchBytes.ts'
export type { Jail } from './jail/command.ts'
export { detectJail } from './jail/detect.ts'
export { describeJail, jailLayers, type Layer } from './jail/layers.ts'
export { createRunner, type Runner, type RunnerLimits, type RunnerStatus, type Session } from './pool.ts'
export { JobProcess, type LoadedProgram, type RunOutcome, type RunRequest } from './process.ts'
