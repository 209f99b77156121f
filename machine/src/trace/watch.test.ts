import { describe, expect, it } from 'vitest'
import { instructionOf } from '../isa/encoding.ts'
import { RANDOM_OPCODES, randomStep } from '../testing/randomStates.ts'
import { type Place, SLOT_BYTES } from './places.ts'
import { Watch, type Watched } from './watch.ts'

const LEAF_BYTES = 32
const SLOTS_OF_LEAF = LEAF_BYTES / SLOT_BYTES
const REGIONS = ['stack', 'slots', 'memory', 'input', 'output'] as const
/** Random states an instruction, every fourth of which traps. */
const STATES = 10

const bytesOf = ({ at, length }: Place) => Array.from({ length }, (_, i) => at + i)

/** Of a region: what the step opened or changed and nobody was told of. */
function untold(watch: Watch, watched: Watched, region: (typeof REGIONS)[number]) {
  const { before, after } = watched
  const places = (all: readonly Place[]) => all.filter((place) => place.region === region)
  const leaves = places([...watched.reads, ...watched.writes])
    .flatMap(bytesOf)
    .map((at) => Math.floor(at / LEAF_BYTES))
  // A pop opens the leaf of the new top, to cut what is behind it.
  const cut = region === 'stack' && after.sp < before.sp ? Math.floor((after.sp - 1) / SLOTS_OF_LEAF) : -1
  const live = region === 'stack' ? after.sp * SLOT_BYTES : Number.POSITIVE_INFINITY
  const written = places(watched.writes).flatMap(bytesOf)
  return {
    opened: watch.opened(region).filter((leaf) => leaf !== cut && !leaves.includes(leaf)),
    changed: watch.changed(region).filter((at) => at < live && !written.includes(at)),
  }
}

describe('what a step is said to read and write', () => {
  it.each(RANDOM_OPCODES.map((opcode) => [instructionOf(opcode)?.name ?? 'unknown', opcode] as const))(
    'is all that %s opens and changes',
    (_, opcode) => {
      for (let seed = 0; seed < STATES; seed++) {
        const { before, registers } = randomStep(seed, opcode)
        const watch = new Watch(before)
        const watched = watch.step()
        for (const name of ['pc', 'sp', 'fp', 'aux', 'fuel', 'depth', 'stop', 'status'] as const) {
          expect({ seed, [name]: watched.after[name] }).toEqual({ seed, [name]: registers[name] })
        }
        for (const region of REGIONS) {
          expect({ seed, region, ...untold(watch, watched, region) }).toEqual({
            ...{ seed, region, opened: [], changed: [] },
          })
        }
      }
    },
  )
})
