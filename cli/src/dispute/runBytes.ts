import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { commit } from '@millrace/machine'
import {
  type Computation,
  type DisputeView,
  getJob,
  getMarket,
  type MillraceClient,
  type Tracer,
} from '@millrace/sdk'
import { CliError } from '../failures/CliError.ts'
import { MEMORY_PAGES, openJailedTracer } from '../job/jailedTracer.ts'
import type { Session } from '../terminal/Session.ts'

/** Where program and input are to be taken from, if not from the matcher. */
export interface BytesOptions {
  program?: string
  input?: string
}

export interface RunBytes {
  readonly program: Uint8Array
  readonly input: Uint8Array
}

const LOAD_LIMITS = { maxJobs: 1, maxWarm: 0, memoryPages: MEMORY_PAGES, cpuShare: 1, wallMs: 600_000 }

/**
 * Program and input of the job that a case is about, checked by their roots.
 *
 * @throws {CliError} `run-missing` where they cannot be had
 */
export async function findRunBytes(
  session: Session,
  client: MillraceClient,
  { job, result }: DisputeView,
  options: BytesOptions,
): Promise<RunBytes> {
  const { fetchBytes } = await import('@millrace/runner')
  const { limits } = await getMarket(client)
  const blob = (root: string) => fetchBytes(client, `/v1/blobs/${root}`, limits.blobBytes)
  const inline = async () => (await getJob(client, { job: result.ticket })).input
  const input = options.input
    ? readGiven(session, options.input)
    : ((await orMissing('input', inline)) ?? (await orMissing('input', () => blob(job.input))))
  if (commit(input) !== job.input) throw wrongBytes('input', job.input, commit(input))
  const program = options.program
    ? readGiven(session, options.program)
    : await orMissing('program', () => blob(job.programRoot))
  const root = await rootOf(program)
  if (root !== job.programRoot) throw wrongBytes('program', job.programRoot, root)
  return { program, input }
}

/** Opens a run for as long as `work` takes. */
export async function withTracer<T>(
  { interrupted }: Session,
  bytes: RunBytes,
  { fuel, outputMax }: Pick<Computation, 'fuel' | 'outputMax'>,
  work: (tracer: Tracer) => Promise<T>,
  onProgress?: (steps: bigint) => void,
): Promise<T> {
  const tracer = await openJailedTracer({ ...bytes, fuel, outputMax, onProgress, signal: interrupted })
  try {
    return await work(tracer)
  } finally {
    await tracer.close()
  }
}

/** Derived in a limited process: it is a stranger's program. */
async function rootOf(program: Uint8Array): Promise<string> {
  const { createRunner } = await import('@millrace/runner')
  const runner = createRunner(LOAD_LIMITS)
  try {
    return await runner.use('root', async (session) => (await session.load(async () => program)).root)
  } finally {
    await runner.close()
  }
}

function readGiven({ cwd }: Session, file: string): Uint8Array {
  return new Uint8Array(readFileSync(resolve(cwd, file)))
}

async function orMissing<T>(what: string, find: () => Promise<T>): Promise<T> {
  try {
    return await find()
  } catch (cause) {
    throw new CliError('run-missing', `The ${what} of the job cannot be had from the matcher.`, {
      remedy:
        'Name files of your own with --program (the module) and --input (the bytes of the input, encoded).',
      facts: { why: cause instanceof Error ? cause.message : String(cause) },
      cause,
    })
  }
}

function wrongBytes(what: string, wanted: string, found: string): CliError {
  return new CliError('bad-value', `The ${what} is another one than the case is about.`, {
    remedy: `Give the ${what} with the root that the case names.`,
    facts: { wanted, found },
  })
}
