import type { JobInput } from '../io/input.ts'
import { Clock } from './clock.ts'
import { Descriptors } from './descriptors.ts'
import { FileTree } from './files.ts'
import type { Host } from './host.ts'
import { GuestMemory } from './memory.ts'
import { RandomStream } from './random.ts'

/** All that the WASI calls of one run share. */
export interface World {
  readonly host: Host
  readonly memory: GuestMemory
  readonly input: JobInput
  readonly clock: Clock
  readonly random: RandomStream
  readonly files: FileTree
  readonly descriptors: Descriptors
}

/**
 * The world at the start of a run: standard input, output and error as pipes on 0, 1 and 2, and the folder `/`
 * on 3.
 */
export function createWorld(host: Host, input: JobInput): World {
  const files = new FileTree(input.files)
  return {
    host,
    memory: new GuestMemory(host),
    input,
    clock: new Clock(input.clock),
    random: new RandomStream(input.seed),
    files,
    descriptors: new Descriptors([
      { kind: 'source', content: input.stdin, position: 0n, flags: 0 },
      { kind: 'sink', stream: 'stdout', flags: 0 },
      { kind: 'sink', stream: 'stderr', flags: 0 },
      { kind: 'folder', node: files.root, preopened: '/', flags: 0 },
    ]),
  }
}
