import type { Hex } from 'viem'
import { type DocumentOf, defineStruct, structHash } from './struct.ts'

export const jobStruct = defineStruct('Job', {
  programRoot: 'bytes32',
  input: 'bytes32', // commitment to the input's bytes
  fuel: 'uint64', // most fuel it may use, flat fuel apart
  outputMax: 'uint32', // bytes
  deadline: 'uint40', // unix seconds; in a job lease the lease's own end counts instead
})

/** What to compute. */
export type Job = DocumentOf<typeof jobStruct>

/** What a bid that carries the job holds in `job`. */
export function hashJob(job: Job): Hex {
  return structHash(jobStruct, job)
}
