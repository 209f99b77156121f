/**
 * A PGlite file system whose fsync reaches the disk.
 *
 * PGlite runs Postgres with fsync off and its Node file system implements none, so that a committed
 * transaction survives a killed process but not a lost power supply. The journal promises both: `database.ts`
 * turns fsync on, with `wal_sync_method=fsync` (Emscripten has no hook for fdatasync), and this gives it a
 * target.
 */
import { closeSync, fdatasyncSync, fsyncSync, openSync } from 'node:fs'
import { NodeFS } from '@electric-sql/pglite/nodefs'

interface Stream {
  node: object
  /** The host's descriptor; Emscripten opens none for a directory. */
  nfd?: number
}

/** The part of Emscripten's module that is touched here. */
interface Module {
  NODEFS: { realPath(node: object): string; stream_ops: { fsync?: (stream: Stream) => number } }
}

export class SyncedNodeFs extends NodeFS {
  override async init(...args: Parameters<NodeFS['init']>): ReturnType<NodeFS['init']> {
    const made = await super.init(...args)
    made.emscriptenOpts.preRun?.push((module) => {
      const { NODEFS } = module as unknown as Module
      NODEFS.stream_ops.fsync = (stream) => {
        if (stream.nfd === undefined) syncDirectory(NODEFS.realPath(stream.node))
        else fdatasyncSync(stream.nfd)
        return 0
      }
    })
    return made
  }
}

function syncDirectory(path: string): void {
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** Postgres's parameters: PGlite's own, with `-F` (fsync off) taken out and syncing put in. */
export function syncedParameters(defaults: readonly string[]): string[] {
  return [...defaults.filter((flag) => flag !== '-F'), '-c', 'fsync=on', '-c', 'wal_sync_method=fsync']
}
