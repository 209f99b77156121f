import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DEFAULT_LIMITS } from '@millrace/machine'
import type { Tracer, TracerOpener } from '@millrace/sdk'

/** As much memory as any program can have, in pages of 64 KiB. */
export const MEMORY_PAGES = DEFAULT_LIMITS.maxPages

interface TracedJob {
  /** Its module, or what became of that. */
  readonly program: Uint8Array
  readonly input: Uint8Array
  readonly fuel: bigint
  readonly outputMax: number
  readonly memoryPages?: number
  readonly signal?: AbortSignal
  onProgress?(steps: bigint): void
}

/** Opens a job in a limited process. What it keeps on disk is gone when it is closed. */
export async function openJailedTracer(job: TracedJob): Promise<Tracer> {
  const { openTracer } = await import('@millrace/runner')
  const dir = mkdtempSync(join(tmpdir(), 'millrace-trace-'))
  const tidy = () => rmSync(dir, { recursive: true, force: true })
  try {
    const tracer = await openTracer({ memoryPages: MEMORY_PAGES, ...job, dir })
    return {
      statesAt: (steps) => tracer.statesAt(steps),
      ending: () => tracer.ending(),
      proveAt: (step) => tracer.proveAt(step),
      lookAt: (step) => tracer.lookAt(step),
      close: async () => {
        await tracer.close()
        tidy()
      },
    }
  } catch (error) {
    tidy()
    throw error
  }
}

/** Traces for the SDK, apart from the thread that hears Ctrl-C. */
export function jailedTracer(interrupted: AbortSignal): TracerOpener {
  return ({ program, signal, ...job }) => {
    const { canonical, memory } = program
    return openJailedTracer({
      ...job,
      program: canonical,
      memoryPages: Math.max(1, memory.maxPages),
      signal: signal ? AbortSignal.any([signal, interrupted]) : interrupted,
    })
  }
}
