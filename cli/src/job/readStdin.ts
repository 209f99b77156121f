import type { Session } from '../terminal/Session.ts'

/** All of standard input; nothing where it is a terminal, at which nobody would know to end it. */
export async function readStdin({ stdin, interrupted }: Session): Promise<Uint8Array> {
  if (stdin.isTTY) return new Uint8Array()
  const chunks: Uint8Array[] = []
  const stop = () => stdin.destroy(interrupted.reason as Error)
  interrupted.addEventListener('abort', stop, { once: true })
  try {
    for await (const chunk of stdin) chunks.push(chunk as Uint8Array)
  } finally {
    interrupted.removeEventListener('abort', stop)
  }
  return Buffer.concat(chunks)
}
