/**
 * Which leaves of a claim to demand, to find one that was invented. Every answer shows with its path the sums beside
 * it. Whoever knows what it was delivered compares them, and walks down to where too much is claimed: 16 demands cut
 * the places in question to a 32nd, so that three rounds find an invented leaf among 2^14 places for certain.
 */
import type { ClaimSummary, Sibling } from './claim.ts'

/** A leaf that was shown, with the path from it upwards. */
export interface ShownLeaf {
  index: number
  path: readonly Sibling[]
}

export interface Suspicion {
  claim: ClaimSummary
  /** What each result earns that the tasker holds, by index. */
  held: ReadonlyMap<number, bigint>
  /** What was answered so far: ask again when all demands of a round are. */
  shown: readonly ShownLeaf[]
  /** From 0 up to but not 1. In trees past 2^14 places a liar must not know which leaves come last. */
  random: () => number
}

/** Open at a time in one lease, as the chain has it. */
const MOST_DEMANDS = 16

/** The subtree of 2^level leaves that starts at leaf `first`. */
interface Node {
  level: number
  first: number
}

/** The leaves to demand next; none where nothing is claimed that is not held or was not shown to be signed. */
export function suspectLeaves({ claim, held, shown, random }: Suspicion): number[] {
  if (claim.count === 0) return []
  const known = knownSums(claim, shown)
  const seen = new Set(shown.map(({ index }) => index))
  const isTooMuch = (node: Node) => known.get(keyOf(node))! > heldIn(node, held)

  const suspects: Node[] = []
  const down: Node[] = [{ level: depthOf(claim.count), first: 0 }]
  for (let node = down.pop(); node; node = down.pop()) {
    if (!isTooMuch(node)) continue
    const [left, right] = childrenOf(node)
    if (left && known.has(keyOf(left))) down.push(left, right!)
    else if (node.level > 0 || !seen.has(node.first)) suspects.push(node)
  }
  // One lie is enough: the one that is nearest to being found.
  const [nearest] = suspects.sort((a, b) => a.level - b.level)
  return nearest ? spread(nearest, random) : []
}

/** One leaf of each of 16 equal parts. */
function spread({ level, first }: Node, random: () => number): number[] {
  const parts = Math.min(2 ** level, MOST_DEMANDS)
  const size = 2 ** level / parts
  return Array.from({ length: parts }, (_, part) => first + part * size + Math.floor(random() * size))
}

/** The sums of all nodes on and beside the paths that were shown. */
function knownSums(claim: ClaimSummary, shown: readonly ShownLeaf[]): Map<string, bigint> {
  const known = new Map([[keyOf({ level: depthOf(claim.count), first: 0 }), claim.sum]])
  for (const { index, path } of shown) {
    let sum = claim.sum - path.reduce((all, beside) => all + beside.sum, 0n)
    for (const [level, beside] of path.entries()) {
      known.set(keyOf(nodeAt(level, index >> level)), sum)
      known.set(keyOf(nodeAt(level, (index >> level) ^ 1)), beside.sum)
      sum += beside.sum
    }
  }
  return known
}

function heldIn({ level, first }: Node, held: ReadonlyMap<number, bigint>): bigint {
  let sum = 0n
  for (const [index, amount] of held) if (index >= first && index < first + 2 ** level) sum += amount
  return sum
}

function childrenOf({ level, first }: Node): Node[] {
  if (level === 0) return []
  return [first, first + 2 ** (level - 1)].map((start) => ({ level: level - 1, first: start }))
}

const nodeAt = (level: number, place: number): Node => ({ level, first: place << level })
const keyOf = ({ level, first }: Node): string => `${level}.${first}`
const depthOf = (count: number): number => Math.ceil(Math.log2(count))
