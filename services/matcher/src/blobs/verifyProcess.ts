/** Names blobs in a process of its own: a module made to exhaust memory or time exhausts only this. */
import { readFile } from 'node:fs/promises'
import { buildProgram, commit, keccak256, ModuleRefusedError, toHex } from '@millrace/machine'
import type { Named, VerifyRequest } from './verify.ts'

process.on('message', async ({ path, kind }: VerifyRequest) => {
  process.send!(await name(path, kind))
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
