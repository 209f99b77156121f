/**
 * A Postgres server for the matcher that a test can take away: Postgres in this process, behind Postgres' own
 * protocol on a port. One session serves all connections in turn, each to the end of its transaction.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openCluster } from '../../services/matcher/src/store/database.ts'
import { seedDatabase } from '../../services/matcher/test/support/database.ts'

export interface PostgresServer {
  readonly url: string
  /** Breaks every connection and takes no new one until `comeBack`. What was committed stays. */
  goAway(): Promise<void>
  comeBack(): Promise<void>
  stop(): Promise<void>
}

type Cluster = Awaited<ReturnType<typeof openCluster>>

const SSL_REQUEST = 80_877_103
const QUERY = 'Q'.charCodeAt(0)
const SYNC = 'S'.charCodeAt(0)
const TERMINATE = 'X'.charCodeAt(0)
const IDLE = 'I'.charCodeAt(0)
/** AuthenticationOk, and ReadyForQuery outside of a transaction. */
const WELCOME = Buffer.from('52000000080000000' + '05a0000000549', 'hex')

export async function startPostgres(): Promise<PostgresServer> {
  const dir = mkdtempSync(join(tmpdir(), 'millrace-postgres-'))
  const cluster = await openCluster(join(await seedDatabase(dir), 'postgres'))
  const turns = new Turns()
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {}) // "close" follows
    socket.once('close', () => sockets.delete(socket))
    serve(socket, cluster, turns)
  })
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const goAway = async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    for (const socket of sockets) socket.destroy()
    await closed
  }
  await listen(0)
  const { port } = server.address() as AddressInfo
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    goAway,
    comeBack: () => listen(port),
    stop: async () => {
      if (server.listening) await goAway()
      await turns.take()
      await cluster.close()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** Who has the session, one after the other. */
class Turns {
  #last: Promise<void> = Promise.resolve()

  /** Resolves to what gives the turn to the next. */
  async take(): Promise<() => void> {
    const before = this.#last
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#last = promise
    await before
    return resolve
  }
}

function serve(socket: Socket, cluster: Cluster, turns: Turns): void {
  let buffer = Buffer.alloc(0)
  let begun = false
  let batch: Buffer[] = []
  let give: (() => void) | undefined
  let work = Promise.resolve()

  socket.on('data', (chunk: Buffer) => {
    buffer = Buffer.concat([buffer, chunk])
    while (!begun && buffer.length >= 8 && buffer.length >= buffer.readInt32BE(0)) welcome()
    while (begun && buffer.length >= 5 && buffer.length > buffer.readInt32BE(1)) take()
  })
  socket.once('close', () => {
    work = work.then(async () => {
      if (!give) return
      await cluster.exec('ROLLBACK')
      give()
    })
  })

  function welcome(): void {
    const isSsl = buffer.readInt32BE(4) === SSL_REQUEST
    buffer = buffer.subarray(buffer.readInt32BE(0))
    begun = !isSsl
    socket.write(isSsl ? 'N' : WELCOME)
  }

  function take(): void {
    const message = buffer.subarray(0, 1 + buffer.readInt32BE(1))
    buffer = buffer.subarray(message.length)
    if (message[0] === TERMINATE) return void socket.end()
    batch.push(message)
    if (message[0] !== QUERY && message[0] !== SYNC) return
    const whole = batch
    batch = []
    work = work.then(() => answer(whole)).catch((error: Error) => void socket.destroy(error))
  }

  async function answer(messages: readonly Buffer[]): Promise<void> {
    if (socket.destroyed) return
    give ??= await turns.take()
    const answers: Uint8Array[] = []
    for (const message of messages) answers.push(await cluster.execProtocolRaw(message))
    const answer = Buffer.concat(answers)
    // Whatever came before, ReadyForQuery is last, and its last byte says whether a transaction is open.
    if (answer.at(-1) === IDLE) {
      give()
      give = undefined
    }
    socket.write(answer)
  }
}
