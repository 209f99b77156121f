/** A real Postgres server, where this computer has one. It is never root: Postgres refuses that. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { chmod, chown, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'

const run = promisify(execFile)

const DEBIAN = '/usr/lib/postgresql'
/** Debian's `nobody`. */
const NOBODY = 65_534
const START_LIMIT_MS = 30_000

export interface PostgresServer {
  readonly url: string
  /** Breaks every connection, as an operator's restart does. */
  stop(): Promise<void>
  start(): Promise<void>
  /** Ends it and removes its data. */
  remove(): Promise<void>
}

/** The folder of `initdb` and `postgres`; undefined where there is none. */
export function findPostgres(): string | undefined {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : []
  const folders = [
    ...versions.map((version) => join(DEBIAN, version, 'bin')),
    ...(process.env.PATH ?? '').split(delimiter),
  ]
  return folders.find((folder) => ['initdb', 'postgres'].every((name) => existsSync(join(folder, name))))
}

export async function startPostgresServer(programs: string): Promise<PostgresServer> {
  const home = await mkdtemp(join(tmpdir(), 'millrace-pg-'))
  const data = join(home, 'data')
  await mkdir(data)
  const owner = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {}
  if (owner.uid !== undefined) {
    await chmod(home, 0o755)
    await chown(data, owner.uid, owner.gid)
  }
  const options = { cwd: data, env: { PATH: programs, LC_ALL: 'C' }, ...owner }
  const flags = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync']
  await run(join(programs, 'initdb'), flags, options)
  const port = await freePort()
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  let end = async () => {}
  const server: PostgresServer = {
    url,
    stop: () => end(),
    async start() {
      const settings = ['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories=']
      const words = ['-D', data, '-p', String(port), ...settings]
      const child = spawn(join(programs, 'postgres'), words, { ...options, stdio: 'ignore' })
      const ended = once(child, 'exit')
      // Fast shutdown: sessions are broken off, nothing is lost.
      end = async () => {
        if (child.exitCode === null && child.signalCode === null) child.kill('SIGINT')
        await ended
      }
      await answers(url)
    },
    async remove() {
      await end()
      await rm(home, { recursive: true, force: true })
    },
  }
  await server.start()
  return server
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function answers(url: string): Promise<void> {
  for (const began = Date.now(); ; ) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1_000 })
    client.on('error', () => {})
    try {
      await client.connect()
      await client.query('select 1')
      await client.end()
      return
    } catch (error) {
      if (Date.now() - began > START_LIMIT_MS) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}
