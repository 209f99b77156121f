// One question to a Redis over a plain socket: a way to know a server without a client library.
import net from 'node:net'

/** Milliseconds of silence after which a server counts as not there. */
const PATIENCE = 1_000

/** The raw reply to an inline command such as `PING`; undefined when nobody answers. */
export function ask(port: number, command: string, host = '127.0.0.1'): Promise<string | undefined> {
  return new Promise((resolve) => {
    let reply = ''
    const socket = net.connect({ port, host }, () => socket.write(`${command}\r\nQUIT\r\n`))
    socket.setTimeout(PATIENCE, () => socket.destroy())
    socket.on('data', (chunk) => {
      reply += chunk.toString()
    })
    // The reason is of no use to the one who asks; `close` follows and settles it.
    socket.on('error', () => {})
    socket.on('close', () => resolve(reply || undefined))
  })
}

/** Whether it serves: while it reads its append-only file back, Redis answers -LOADING. */
export async function isServing(port: number): Promise<boolean> {
  return (await ask(port, 'PING'))?.startsWith('+PONG') ?? false
}

/** The process id of the server behind a port. */
export async function serverProcess(port: number): Promise<number | undefined> {
  const id = (await ask(port, 'INFO server'))?.match(/^process_id:(\d+)/m)?.[1]
  return id === undefined ? undefined : Number(id)
}
