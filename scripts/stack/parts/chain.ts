import { join } from 'node:path'
import { readJson } from '../readJson.ts'
import { type Part, scriptPath, startPart } from '../startPart.ts'

export interface ChainReady {
  readonly rpc: string
}

/** Starts the chain; port 0 takes any that is free. What it holds is gone when it ends: it lives in memory. */
export async function startChain(
  dir: string,
  port: number,
): Promise<{ part: Part<ChainReady>; ready: ChainReady }> {
  return startPart({
    name: 'chain',
    script: scriptPath('parts/chainMain.ts'),
    env: { CHAIN_PORT: String(port) },
    logFile: join(dir, 'logs', 'chain.log'),
    dir,
    readLine: (line) => readJson<ChainReady>(line, 'rpc'),
  })
}
