import { join } from 'node:path'
import type { Hex } from 'viem'
import { readJson } from '../readJson.ts'
import { type Part, scriptPath, startPart } from '../startPart.ts'

export interface ArbiterReady {
  readonly arbiter: Hex
}

/** Starts an arbiter that rules as its script suggests. */
export async function startArbiter(options: {
  dir: string
  matcher: string
  keystore: string
  passwordFile: string
}): Promise<{ part: Part<ArbiterReady>; ready: ArbiterReady }> {
  const { dir, matcher, keystore, passwordFile } = options
  return startPart<ArbiterReady>({
    name: 'arbiter',
    script: scriptPath('parts/arbiterMain.ts'),
    env: { ARBITER_KEYSTORE: keystore, ARBITER_PASSWORD: passwordFile, ARBITER_MATCHER: matcher },
    logFile: join(dir, 'logs', 'arbiter.log'),
    dir,
    readLine: (line) => readJson<ArbiterReady>(line, 'arbiter'),
  })
}
