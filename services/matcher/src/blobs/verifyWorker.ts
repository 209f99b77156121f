/** Names a blob in a thread of its own: a module made to exhaust the pass exhausts only this. */
import { readFile } from 'node:fs/promises'
import { parentPort } from 'node:worker_threads'
import { buildProgram, commit, keccak256, ModuleRefusedError, toHex } from '@millrace/machine'
import type { Named, VerifyRequest } from './verify.ts'

parentPort!.on('message', async ({ path, kind }: VerifyRequest) => {
  parentPort!.postMessage(await name(path, kind))
})

async function name(path: string, kind: VerifyRequest['kind']): Promise<Named> {
  try {
    const bytes = new Uint8Array(await readFile(path))
    return { root: kind === 'data' ? commit(bytes) : buildProgram(bytes).root, hash: toHex(keccak256(bytes)) }
  } catch (error) {
    if (!(error instanceof ModuleRefusedError)) throw error
    return { refused: { message: error.message, facts: JSON.parse(JSON.stringify(error)) } }
  }
}
