import { OpenedState, type Source } from './openedState.ts'
import { equal } from './region.ts'
import { step } from './step.ts'
import { MalformedWitnessError, WitnessReader } from './witness.ts'

/**
 * Makes one step from a state's hash, as the contract does.
 *
 * @param witness what `proveStep` made for that state
 * @returns the next state's hash
 * @throws {MalformedWitnessError} where the bytes are no witness of that state
 */
export function verifyStep(state: Uint8Array, witness: Uint8Array): Uint8Array {
  const reader = new WitnessReader(witness)
  const opened = new OpenedState(sourceOf(reader))
  step(opened)
  if (!equal(opened.before, state)) throw new MalformedWitnessError('it is of another state')
  reader.end()
  return opened.next()
}

function sourceOf(reader: WitnessReader): Source {
  return {
    head: () => [reader.word(), reader.word(), reader.word()],
    world: () => ({
      b: reader.word(),
      world: { memory: reader.word(), slots: reader.word(), input: reader.word(), output: reader.word() },
    }),
    worldHash: () => reader.word(),
    input: () => [reader.word(), reader.word()],
    opening: (_region, _leaf, levels) => reader.opening(levels),
  }
}
