/**
 * Finds out which sequences of instructions the bench's programs and the examples run most, for the interpreter of the
 * provable machine to do at once, beside some that any program may have. It takes minutes, and what comes out changes nothing but speed.
 *
 *     node scripts/generate/sequences.ts
 */
import { readFile, writeFile } from 'node:fs/promises'
import { buildProgram, encodeInput } from '@millrace/machine'
import { PROGRAMS } from '../../bench/programs/catalog.ts'
import { EXAMPLES } from '../../examples/catalog.ts'
import { SEQUENCES } from '../../machine/src/interpret/frequent.gen.ts'
import { KINDS, kindNumber } from '../../machine/src/interpret/kinds.ts'
import { CODE, REGISTER } from '../../machine/src/interpret/layout.ts'
import { StepMachine } from '../../machine/src/interpret/stepMachine.ts'
import { lower } from '../../machine/src/lower/lower.ts'

const FILE = new URL('../../machine/src/interpret/frequent.gen.ts', import.meta.url)

/** Sequences that are tried, and the most instructions of one. */
const TRIED = 800
const LONGEST = 8
/** What is needed in less than this part of all is not worth its handler. */
const WORTH = 0.00002

/** Stretches of each program that are looked at, of so many steps, and about how many steps lie between them. */
const STRETCHES = 4_000
const STEPS = 150
const GAP = 150_000

/** Interpreters count for more than kernels: each is many programs. */
const INTERPRETERS = new Set(['python', 'php', 'ruby'])
const WEIGHT_OF_INTERPRETER = 3

interface Sample {
  readonly name: string
  readonly module: URL
  readonly args: readonly string[]
  readonly files: Readonly<Record<string, URL | string>>
}

/** Kinds in a row, and how much of all steps they stand for. */
interface Stretch {
  readonly kinds: number[]
  readonly weight: number
}

/** What never stands in a sequence, and what only ends one. */
const ALONE = /^(slow|slide|memory\.(copy|fill).*)$/
const LAST = /^(br|br_table|return.*|call.*)$/
const alone = KINDS.map((name) => ALONE.test(name))
const last = KINDS.map((name) => LAST.test(name))

const COMPARISONS = 'eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u'.split(' ')
const OPERATIONS = 'add sub mul and or xor shl shr_s shr_u rotl'.split(' ')
const LOADS = 'i32.load i32.load8_s i32.load8_u i32.load16_s i32.load16_u i64.load f32.load f64.load'.split(
  ' ',
)
const STORES = 'i32.store i32.store8 i32.store16 i64.store f32.store f64.store'.split(' ')

const NO_OPERANDS: string[][] = [[]]
const ONE = [...NO_OPERANDS, ['local.get']]
const TWO = [...ONE, ['const'], ['local.get', 'local.get'], ['local.get', 'const']]
const KEPT = [[], ['local.set'], ['local.tee']]
const BRANCHED = [[], ['br_if'], ['br_unless']]

const stretches: Stretch[] = []
for (const sample of [...PROGRAMS, ...EXAMPLES.map((each) => ({ ...each, name: `example ${each.name}` }))]) {
  const found = await stretchesOf(sample)
  const steps = found.reduce((sum, kinds) => sum + kinds.length, 0)
  const weight = (INTERPRETERS.has(sample.name) ? WEIGHT_OF_INTERPRETER : 1) / steps
  for (const kinds of found) stretches.push({ kinds, weight })
  console.error(`${sample.name}: ${steps} steps`)
}
const sequences = frequentOf(merged(stretches))
await writeFile(FILE, textOf(sequences))
console.error(`${sequences.length} sequences`)

async function stretchesOf({ name, module, args, files }: Sample): Promise<number[][]> {
  const lowered = lower(buildProgram(await readFile(module)).canonical)
  const contents = Object.entries(files).map(
    async ([path, content]) =>
      [path, typeof content === 'string' ? Buffer.from(content) : await readFile(content)] as const,
  )
  const input = encodeInput({ args: [name, ...args], files: Object.fromEntries(await Promise.all(contents)) })
  const machine = new StepMachine(lowered, input, { fuel: 10n ** 13n, outputMax: 1 << 24 })
  const view = new DataView(machine.memories.machine.buffer)
  const pc = () => view.getUint32(REGISTER.pc, true)
  const status = () => view.getUint32(REGISTER.status, true)
  const all: number[][] = []
  for (let i = 0; i < STRETCHES && status() === 0; i++) {
    // Not always as far, lest a loop of that length is met at the same place each time.
    machine.runTo(machine.steps + BigInt(GAP + ((i * 7919) % 50_000)))
    let stretch: number[] = []
    for (let step = 0; step < STEPS && status() === 0; step++) {
      const at = pc()
      const handler = view.getUint16(CODE + 8 * at, true)
      const kind = handler < KINDS.length ? handler : kindNumber(SEQUENCES[handler - KINDS.length]![0]!)
      machine.runTo(machine.steps + 1n)
      stretch.push(kind)
      if (pc() === at + 1 && !last[kind]) continue
      all.push(stretch)
      stretch = []
    }
    all.push(stretch)
  }
  return all.filter(({ length }) => length > 0)
}

/** The same stretch only once. */
function merged(stretches: readonly Stretch[]): Stretch[] {
  const all = new Map<string, Stretch>()
  for (const { kinds, weight } of stretches) {
    const key = kinds.join()
    all.set(key, { kinds, weight: weight + (all.get(key)?.weight ?? 0) })
  }
  return [...all.values()]
}

/**
 * Again and again the two neighbours that follow each other most often become one, as in byte pair encoding. A
 * sequence that was only a step towards longer ones is left out in the end.
 */
function frequentOf(stretches: readonly Stretch[]): number[][] {
  const sequences: number[][] = KINDS.map((_, kind) => [kind])
  const rows = stretches.map(({ kinds, weight }) => ({ parts: [...kinds], weight }))
  const total = rows.reduce((sum, { parts, weight }) => sum + parts.length * weight, 0)
  while (sequences.length < KINDS.length + TRIED) {
    const pair = mostFrequentPair(sequences, rows)
    if (!pair) break
    const [first, second] = pair
    const joined = sequences.push([...sequences[first]!, ...sequences[second]!]) - 1
    for (const { parts } of rows) {
      for (let i = 0; i + 1 < parts.length; i++) {
        if (parts[i] === first && parts[i + 1] === second) parts.splice(i, 2, joined)
      }
    }
  }
  const weights = new Array<number>(sequences.length).fill(0)
  for (const { parts, weight } of rows) for (const part of parts) weights[part]! += weight
  const worth = [...sequences.keys()].filter((i) => i >= KINDS.length && weights[i]! > WORTH * total)
  // By two ways the same sequence can come about.
  const all = [...worth.map((i) => sequences[i]!), ...general()]
  return [...new Map(all.map((sequence) => [sequence.join(), sequence])).values()]
}

/** What programs may do often that are none of those: operands from locals and constants, results to locals. */
function general(): number[][] {
  const around = (before: string[][], names: string[], after: string[][]) =>
    names.flatMap((name) => before.flatMap((first) => after.map((last) => [...first, name, ...last])))
  const of = (types: string[], names: string[]) =>
    types.flatMap((type) => names.map((name) => `${type}.${name}`))
  const inMemory = (names: string[]) => names.map((name) => `${name} module`)
  return [
    ...around(TWO, of(['i32', 'i64'], OPERATIONS), KEPT),
    ...around(TWO, of(['i32', 'i64'], COMPARISONS), BRANCHED),
    ...around(TWO.slice(0, -1), of(['f32', 'f64'], ['add', 'sub', 'mul', 'div']), KEPT),
    ...around(ONE, inMemory(LOADS), KEPT),
    ...around(TWO, inMemory(STORES), NO_OPERANDS),
  ]
    .filter(({ length }) => length > 1)
    .map((sequence) => sequence.map(kindNumber))
}

function mostFrequentPair(
  sequences: readonly (readonly number[])[],
  rows: readonly { readonly parts: readonly number[]; readonly weight: number }[],
): readonly [number, number] | undefined {
  const width = sequences.length
  const weights = new Map<number, number>()
  for (const { parts, weight } of rows) {
    for (let i = 0; i + 1 < parts.length; i++) {
      const [first, second] = [sequences[parts[i]!]!, sequences[parts[i + 1]!]!]
      if (first.length + second.length > LONGEST || alone[first[0]!] || alone[second[0]!]) continue
      const key = parts[i]! * width + parts[i + 1]!
      weights.set(key, (weights.get(key) ?? 0) + weight)
    }
  }
  const best = [...weights].reduce((a, b) => (b[1] > a[1] ? b : a), [-1, 0])[0]
  return best < 0 ? undefined : [Math.floor(best / width), best % width]
}

function textOf(sequences: readonly (readonly number[])[]): string {
  const lines = sequences.map((sequence) => sequence.map((kind) => KINDS[kind]).join(', '))
  return `// Generated by scripts/generate/sequences.ts from what programs do. Do not edit.
/** Sequences of kinds that programs run often, of at least two. */
export const SEQUENCES: readonly (readonly string[])[] = \`
${lines.join('\n')}
\`
  .trim()
  .split('\\n')
  .map((line) => line.split(', '))
`
}
