/**
 * What it costs to prove a step on chain: whole transactions (receipts' gasUsed) under Prague rules, each the machine's
 * contract making one step. `node bench/steps/gas.ts` shows all.
 *
 * Most steps are drawn uniformly from all steps of real runs: of CPython, of the C kernels and of `wordcount`. `mean` is
 * over these. For a figure of every class there are more of the rare ones, drawn by the name of the instruction.
 */
import { readFile } from 'node:fs/promises'
import { buildProgram, encodeInput } from '@millrace/machine'
import { machineAbi } from '@millrace/sdk/abi'
import { bytesToHex, encodeFunctionData, type Hex } from 'viem'
import type { Instruction } from '../../machine/src/isa/instructions.ts'
import { lower } from '../../machine/src/lower/lower.ts'
import { wat } from '../../machine/src/testing/wat.ts'
import { type Chain, startChain } from '../chain.ts'
import { type BenchProgram, PROGRAMS } from '../programs/catalog.ts'
import { type Dice, type DrawnStep, drawRare, drawSteps, type Run } from './draw.ts'
import { TABLES } from './tables.ts'

export interface Gas {
  readonly mean: number
  readonly max: number
  readonly steps: number
}

export interface StepGas extends Gas {
  /** By class of instruction, and of `call_indirect`, which sees more of the state than its class does. */
  readonly by_class: Readonly<Record<string, Gas>>
  /** Of the steps that were drawn uniformly. */
  readonly by_program: Readonly<Record<string, Gas>>
}

const SEED = 20_261_121
const FROM_CPYTHON = 400
const FROM_WORDCOUNT = 140
const FROM_KERNEL = 40
/** Of each rare instruction, in each program that has it, so many; found among so many first steps. */
const RARE = 6
/** Of each class. */
const LEAST = 20
const LOOKED_AT = 12_000_000
const RARE_CLASSES = new Set(['table', 'bulk', 'primitive', 'global', 'float'])

export async function measureStepGas(): Promise<StepGas> {
  const dice = seeded(SEED)
  const wordcount = await wordcountRun()
  const python = await runOf(PROGRAMS.find(({ name }) => name === 'python')!, ['/script.py', '1'])
  const uniform: DrawnStep[] = []
  const draw = (run: Run, count: number) => {
    console.error(`${count} steps of ${run.name} …`)
    uniform.push(...drawSteps(run, count, dice))
  }
  draw(python, FROM_CPYTHON)
  draw(wordcount, FROM_WORDCOUNT)
  for (const kernel of PROGRAMS.filter(({ kind }) => kind === 'kernel')) {
    draw(await runOf(kernel, kernel.fewer ?? kernel.args), FROM_KERNEL)
  }
  console.error('rare instructions …')
  const tables: Run = {
    name: 'tables',
    lowered: lower(buildProgram(wat(TABLES)).canonical),
    input: encodeInput({}),
  }
  const rare = [python, wordcount, tables].flatMap((run) =>
    drawRare(run, isRare, { count: RARE, most: LOOKED_AT, dice }),
  )

  const chain = await startChain()
  const gas = new Map<DrawnStep, number>()
  for (const drawn of [...uniform, ...rare]) {
    gas.set(drawn, await prove(chain, drawn))
    if (gas.size % 200 === 0) console.error(`${gas.size} of ${uniform.length + rare.length} proven …`)
  }
  const of = (steps: readonly DrawnStep[]) => summary(steps.map((step) => gas.get(step)!))
  const all = [...uniform, ...rare]
  const few = Object.entries(groupBy(all, ({ instruction }) => instruction.class)).find(
    ([, steps]) => steps.length < LEAST,
  )
  if (few) throw new Error(`only ${few[1].length} steps of class ${few[0]} were drawn`)
  const indirect = all.filter(({ instruction }) => instruction.name === 'call_indirect')
  return {
    ...of(uniform),
    max: of(all).max,
    by_class: {
      ...mapValues(
        groupBy(all, ({ instruction }) => instruction.class),
        of,
      ),
      call_indirect: of(indirect),
    },
    by_program: mapValues(
      groupBy(uniform, ({ program }) => program),
      of,
    ),
  }
}

const isRare = (instruction: Instruction): boolean =>
  RARE_CLASSES.has(instruction.class) || instruction.name === 'call_indirect'

/** Sends the step, and sees that the contract comes to the same next state. */
async function prove({ contracts, client, send }: Chain, drawn: DrawnStep): Promise<number> {
  const address = contracts.machine
  const hex = (bytes: Uint8Array): Hex => bytesToHex(bytes)
  const call = {
    abi: machineAbi,
    functionName: 'step',
    args: [hex(drawn.state), hex(drawn.witness)],
  } as const
  const next = await client.readContract({ address, ...call })
  if (next !== hex(drawn.next)) {
    throw new Error(`step ${drawn.step} of ${drawn.program}, ${drawn.instruction.name}: ${next} on chain`)
  }
  const { gasUsed } = await send({ to: address, data: encodeFunctionData(call) })
  return Number(gasUsed)
}

async function runOf({ name, module, files }: BenchProgram, args: readonly string[]): Promise<Run> {
  const contents = Object.entries(files).map(
    async ([path, content]) =>
      [path, typeof content === 'string' ? Buffer.from(content) : await readFile(content)] as const,
  )
  const input = encodeInput({ args: [name, ...args], files: Object.fromEntries(await Promise.all(contents)) })
  return { name, lowered: lower(buildProgram(await readFile(module)).canonical), input }
}

async function wordcountRun(): Promise<Run> {
  const example = (path: string) => readFile(new URL(`../../examples/${path}`, import.meta.url))
  const [module, text] = await Promise.all([
    example('wordcount/wordcount.wasm'),
    example('texts/millrace.txt'),
  ])
  const input = encodeInput({ args: ['wordcount', '5'], stdin: text })
  return { name: 'wordcount', lowered: lower(buildProgram(module).canonical), input }
}

function summary(gas: readonly number[]): Gas {
  const sum = gas.reduce((total, each) => total + each, 0)
  return { mean: Math.round(sum / gas.length), max: Math.max(...gas), steps: gas.length }
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): Record<string, T[]> {
  return Object.groupBy(items, key) as Record<string, T[]>
}

function mapValues<T, R>(record: Readonly<Record<string, T>>, map: (value: T) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]))
}

/** Mulberry32, twice, for numbers of more than 32 bits. */
function seeded(seed: number): Dice {
  let state = seed
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
  return (bound) => Math.floor(((next() * 2 ** 21 + (next() >>> 11)) / 2 ** 53) * bound)
}

if (import.meta.main) {
  console.log(JSON.stringify(await measureStepGas(), undefined, 2))
  process.exit(0)
}
