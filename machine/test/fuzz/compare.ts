/** A canonical program beside its reference on V8: the same results, traps, memory, globals and host calls. */
import { MAX_FUEL } from '../../src/pass/abi.ts'
import { Dice } from '../../src/random/dice.ts'
import { canonicalOf } from '../../src/testing/guest.ts'
import { callsOf, OUT_OF_FUEL, STACK_EXHAUSTED, type Step, Subject } from './behaviour.ts'
import { ENDLESS_EXPORT, generateModule, type Specimen } from './generateModule.ts'

/** What was seen, so that a test can say that it saw enough of it. */
export type Sightings = Map<string, number>

/** What is wrong with the canonical form of a generated module, or null. */
export function compare(seed: number, sightings: Sightings): string | null {
  const specimen = generateModule(seed)
  const { canonical } = canonicalOf(specimen.plain)
  const again = canonicalOf(specimen.plain).canonical
  if (Buffer.compare(canonical, again) !== 0) return 'the pass gave other bytes the second time'

  const own = new Subject(new WebAssembly.Module(specimen.reference), false)
  const program = new WebAssembly.Module(canonical)
  const ours = new Subject(program, true)
  if (own.start !== ours.start) return `at its start: ${own.start} on V8, ${ours.start} as a program`
  if (own.start !== 'done') {
    see(sightings, `start: ${own.start}`)
    return null
  }

  const calls = callsOf(specimen, seed)
  for (const { name, args } of calls) {
    const [expected, actual] = [own.step(name, args), ours.step(name, args)]
    see(sightings, expected.outcome.startsWith('trap') ? expected.outcome : 'value')
    const wrong = misfit(expected, actual)
    if (wrong) return wrong
    if (leavesRawNaN(expected, actual)) {
      see(sightings, 'raw NaN at a trap')
      break
    }
    if (actual.fuel < 0n) return `${actual.call} gave fuel back: ${actual.fuel}`
  }
  return compareFuel(program, calls, seed, sightings) ?? compareEndless(specimen, own, ours, sightings)
}

function misfit(expected: Step, actual: Step): string | null {
  for (const key of ['outcome', 'globals', 'log'] as const) {
    const [a, b] = [String(expected[key]), String(actual[key])]
    if (a !== b) return `${expected.call}: ${key} ${a} on V8, ${b} as a program`
  }
  if (Buffer.compare(expected.memory, actual.memory) === 0 || leavesRawNaN(expected, actual)) return null
  const at = expected.memory.findIndex((byte, i) => byte !== actual.memory[i])
  return `${expected.call}: memory differs, at byte ${at} first`
}

/**
 * Whether memory differs by nothing but NaNs that would have been looked at behind the trap. A program ends there, and
 * no one reads its memory.
 */
export function leavesRawNaN(expected: Step, actual: Step): boolean {
  if (!expected.outcome.startsWith('trap') || Buffer.compare(expected.memory, actual.memory) === 0)
    return false
  const [before, now] = [expected.memory, actual.memory].map(({ buffer }) => new DataView(buffer)) as [
    DataView,
    DataView,
  ]
  const size = expected.memory.length
  const isRaw = (at: number, width: 4 | 8): boolean => {
    if (at < 0 || at + width > size) return false
    if (width === 4)
      return before.getUint32(at, true) === 0x7fc00000 && Number.isNaN(now.getFloat32(at, true))
    return before.getBigUint64(at, true) === 0x7ff8000000000000n && Number.isNaN(now.getFloat64(at, true))
  }
  const starts = (width: 4 | 8) => Array.from({ length: width }, (_, back) => [back, width] as const)
  for (let at = 0; at < size; at++) {
    if (expected.memory[at] === actual.memory[at]) continue
    if (![...starts(4), ...starts(8)].some(([back, width]) => isRaw(at - back, width))) return false
  }
  return true
}

/** With exactly what it takes a call goes as before; with less it runs out, and has used all. */
function compareFuel(
  program: WebAssembly.Module,
  calls: ReturnType<typeof callsOf>,
  seed: number,
  sightings: Sightings,
): string | null {
  const dice = new Dice(seed ^ 0xf0e1)
  const { name, args } = dice.pick(calls)
  const call = (fuel: bigint) => new Subject(program, true).step(name, args, fuel)
  const full = call(MAX_FUEL)
  const exact = call(full.fuel)
  const wrong = misfit(full, exact)
  if (wrong) return `with ${full.fuel} of fuel, all that it takes: ${wrong}`
  if (exact.fuel !== full.fuel) return `${full.call} took ${full.fuel}, then ${exact.fuel}`
  if (full.fuel === 0n) return null

  const limit = dice.chance(0.3) ? full.fuel - 1n : BigInt(dice.below(Number(full.fuel)))
  const short = call(limit)
  if (short.outcome === OUT_OF_FUEL) {
    see(sightings, OUT_OF_FUEL)
    return short.fuel === limit ? null : `${full.call} ran out of ${limit} with ${short.fuel} used`
  }
  return `${full.call} took ${full.fuel} and came to ${short.outcome} with ${limit}`
}

function compareEndless(
  { endless }: Specimen,
  own: Subject,
  ours: Subject,
  sightings: Sightings,
): string | null {
  if (!endless) return null
  const [expected, actual] = [own.step(ENDLESS_EXPORT, []), ours.step(ENDLESS_EXPORT, [])]
  see(sightings, expected.outcome)
  if (expected.outcome === STACK_EXHAUSTED && actual.outcome === STACK_EXHAUSTED) return null
  return `${ENDLESS_EXPORT}: ${expected.outcome} on V8, ${actual.outcome} as a program`
}

function see(sightings: Sightings, what: string): void {
  sightings.set(what, (sightings.get(what) ?? 0) + 1)
}
