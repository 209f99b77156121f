import { once } from 'node:events'
import { createServer } from 'node:net'
import { PortBusyError } from './errors.ts'

/**
 * Sees that nothing listens on a port yet, so that a part need not fail first. Port 0 is always free.
 *
 * @throws {PortBusyError} naming the option that chooses another
 */
export async function ensureFree(part: string, port: number, option: string): Promise<void> {
  if (port === 0) return
  const server = createServer()
  try {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') throw new PortBusyError(part, port, option)
    throw error
  }
  server.close()
  await once(server, 'close')
}
