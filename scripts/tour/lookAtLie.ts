import { readFile } from 'node:fs/promises'
import { type StepView, type Tamper, Trace } from '@millrace/machine/steps'
import { type DisputeView, getChain } from '@millrace/sdk'
import { proofSchemeAbi } from '@millrace/sdk/abi'
import type { DisputeGame } from '@millrace/sdk/api'
import { decodeFunctionData, type Hex, toHex } from 'viem'
import { groupThousands } from '../../cli/src/format/groupThousands.ts'
import { formatSlot } from '../../cli/src/trace/values.ts'
import { must } from './must.ts'
import type { Tour } from './Tour.ts'

type Lie = NonNullable<Awaited<ReturnType<Trace['lie']>>>

/** What was run, as everybody has it. */
interface Run {
  /** Canonical. */
  readonly program: Uint8Array
  readonly input: Uint8Array
}

/** Looks at the step that a contract found wrong: what is in it, what the liar claimed of it, and what was proven. */
export async function lookAtLie(
  tour: Tour,
  { game, job }: DisputeView & { readonly game: DisputeGame },
  run: Run,
): Promise<{ lines: string[]; facts: object }> {
  const { from, to, step } = await provenSection(tour, game)
  const limits = { fuel: job.fuel, outputMax: job.outputMax }
  const honest = await Trace.open({ ...run, limits })
  const [look, proof, ending] = [await honest.lookAt(step), await honest.proveAt(step), await honest.ending()]
  must('this computer’s run has the same state before the step', toHex(proof.state) === from, { step, from })
  must('and another one after it than the liar claimed', toHex(proof.next) !== to, { step, to })

  const tamper = await confessionOf(tour)
  const lie = tamper && (await (await honest.by(tamper)).lie())
  must('the liar altered the state after that very step', !lie || lie.step === step + 1n, { step, lie })

  const next = toHex(proof.next)
  const says = (value: string | undefined) => (lie ? `${placeOf(lie, look)} ${shown(value!)}; ` : '')
  return {
    lines: [
      `The wrong instruction: step ${count(step)} of ${count(ending.steps)}, in ${nameOf(look)}:`,
      `    ${look.instruction}    ${effectOf(look)}`,
      `  claimed  ${says(lie?.is)}state ${to}`,
      `  proven   ${says(lie?.was)}state ${next}`,
    ],
    facts: {
      ...{ step, steps: ending.steps, function: look.function, instruction: look.instruction },
      before: from,
      proven: { state: next, value: lie?.was },
      claimed: { state: to, value: lie?.is },
    },
  }
}

/** What the proof was about, from its calldata. */
async function provenSection(
  { client }: Tour,
  game: DisputeGame,
): Promise<{ from: Hex; to: Hex; step: bigint }> {
  const { publicClient } = await getChain(client)
  const proof = game.moves.find(({ kind }) => kind === 'prove')
  must('the game was ended by a proof', proof !== undefined, { moves: game.moves })
  const { input } = await publicClient.getTransaction({ hash: proof!.tx })
  const { functionName, args } = decodeFunctionData({ abi: proofSchemeAbi, data: input })
  if (functionName !== 'prove') throw new Error(`The proof came as a call of ${functionName}.`)
  const { from, to, index } = args[1]
  return { from, to, step: game.firstStep + BigInt(index) }
}

/** Where the lie is, in half a sentence: most often in what the instruction leaves. */
function placeOf({ place, index, was }: Lie, { results }: StepView): string {
  if (place === 'stack' && results.some((slot) => toHex(slot) === was)) return 'it leaves'
  return index === undefined ? `${place} is` : `${place}[${index}] is`
}

const shown = (value: string): string => (/^0x[0-9a-f]+$/.test(value) ? formatSlot(BigInt(value)) : value)
const count = (value: bigint): string => groupThousands(value.toString())
const nameOf = (look: StepView): string =>
  typeof look.function === 'number' ? `function ${look.function}` : look.function

/** What a step takes and leaves, in half a line. */
function effectOf({ operands, results, written }: StepView): string {
  const parts = [
    operands.length > 0 ? `takes ${operands.map((slot) => formatSlot(slot)).join(' and ')}` : '',
    results.length > 0 ? `leaves ${results.map((slot) => formatSlot(slot)).join(' and ')}` : '',
    ...written.map(({ role, bytes }) => `writes ${formatSlot(numberIn(bytes))} to ${role}`),
  ]
  return parts.filter(Boolean).join(', ')
}

/** Little-endian. */
function numberIn(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n)
}

/** What the liar's own log says that it altered: in a development stack it makes no secret of it. */
async function confessionOf({ stack }: Tour): Promise<Tamper | undefined> {
  const log = await readFile(stack.providers.liar!.logFile, 'utf8')
  for (const line of log.split('\n').reverse()) {
    if (!line.includes('"a lie"')) continue
    const { tamper } = JSON.parse(line) as { tamper: Omit<Tamper, 'step'> & { step: string } }
    return { ...tamper, step: BigInt(tamper.step) }
  }
  return undefined
}
