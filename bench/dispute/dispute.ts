// What a dispute costs both sides, on chain and off: whole games over a run of CPython of at least 2^30 steps with the
// market's own contracts, and over 2^40 steps of a machine that counts.
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual, promisify } from 'node:util'
import { buildProgram } from '@millrace/machine'
import { findLie, Trace, type TraceOptions } from '@millrace/machine/steps'
import { openTracer } from '@millrace/runner'
import { bondFor, type Computation, defenderGas, GAME_GAS, gasCost, SURGE } from '@millrace/sdk'
import { compileHelper } from '../../contracts/test/machine/support/compile.ts'
import { readArtifact } from '../../scripts/generate/artifacts.ts'
import { startChain } from '../chain.ts'
import type { Bench, Figure } from '../report.ts'
import { openCourt, type Parties, type Played, type Sent } from './court.ts'
import { jobOf } from './job.ts'
import { openPages } from './pages.ts'
import { peakBytes } from './peak.ts'
import type { PlainRun } from './plainChild.ts'
import { asked, countingSide, type Question, sideOf } from './sides.ts'

const PROGRAM = ['python', '1'] as const
const LEAST_STEPS = 2n ** 30n
const MANY_STEPS = 2n ** 40n
const SEED = 20_261_121
const MEGABYTE = 1e6

/** Of the token that bonds are in, an ether is worth as many base units as it has wei. */
const PRICE = { baseFee: 10n ** 9n, tokenPerEther: 10n ** 18n }
const bondOf = (fuel: bigint) => bondFor({ ...PRICE, gas: defenderGas(fuel) })

export async function measure(): Promise<Bench> {
  const real = await playReal()
  const counted = await playCounted()
  const games = [...real.games, ...counted]
  const json = {
    gas_2e30: mostGas(real.games),
    moves_2e30: mostMoves(real.games),
    gas_2e40: mostGas(counted),
    moves_2e40: mostMoves(counted),
    work_ratio: real.workRatio,
    bond_cover: Math.min(...games.filter(({ loser }) => loser === 'challenger').map(coverOf)),
    steps: Number(real.steps),
    move_gas: Math.max(...kinds(games, 'defend'), ...kinds(games, 'split')),
    ...Object.fromEntries(KINDS.map((kind) => [`${kind}_gas`, Math.max(...kinds(games, kind))])),
    ...real.offChain,
    games: games.map(({ name, level, loser, proven, sent }) => ({
      name,
      level,
      loser,
      proven,
      gas: sumOf(sent),
      sent,
    })),
  }
  return { json, figures: figuresOf(json) }
}

const KINDS = ['challenge', 'defend', 'split', 'prove', 'timeout', 'settle'] as const

interface Game extends Played {
  readonly name: string
  readonly bond: bigint
}

/** CPython on the machine's own contract: a liar that is challenged, and an honest provider that is. */
async function playReal() {
  const dir = await mkdtemp(path.join(tmpdir(), 'millrace-bench-'))
  const job = await jobOf(...PROGRAM)
  try {
    const { liar, challenging, defending } = await openRuns(job, dir)
    const { steps } = await defending.ending()
    if (steps < LEAST_STEPS) throw new Error(`Only ${steps} steps.`)

    const court = await openCourt(await startChain())
    const bond = bondOf(job.limits.fuel)
    const [wrong, right] = [await computationOf(liar, job), await computationOf(defending, job)]
    const questions: Question[] = []
    const provider = asked(sideOf(defending), questions)
    const games: Game[] = []
    const play = async (name: string, parties: Omit<Parties, 'bond'>) => {
      console.error(`${name} …`)
      games.push({ name, bond, ...(await court.play({ ...parties, bond })) })
    }
    await play('CPython, a liar', {
      ...{ contested: wrong, provider: sideOf(liar), challenger: sideOf(challenging) },
    })
    await play('CPython, challenged falsely', { contested: right, provider, challenger: sideOf(liar) })
    const works = [challenging, defending].map(({ work }) => work)
    await play('CPython, challenged in silence', { contested: right, provider: sideOf(defending) })

    console.error('the same in the jail …')
    const jailed = await inTheJail(job, dir, questions)
    return { games, ...offChainOf(works, steps, jailed, await plainRun()) }
  } finally {
    await rm(dir, { recursive: true })
  }
}

type Job = Awaited<ReturnType<typeof jobOf>>

/** Somebody's dishonest run, and a run of its own for each honest side: what one did costs the other nothing. */
async function openRuns({ module, input, limits }: Job, dir: string) {
  const { canonical } = buildProgram(module)
  const optionsOf = (name: string): TraceOptions => ({
    ...{ program: canonical, input, limits, pages: openPages(path.join(dir, name)) },
  })
  console.error('a lie …')
  const lie = await findLie({ ...optionsOf('lie'), seed: SEED })
  if (!lie) throw new Error('No lie was found.')
  return {
    liar: await Trace.open({ ...optionsOf('liar'), tamper: lie.tamper }),
    challenging: await Trace.open(optionsOf('challenging')),
    defending: await Trace.open(optionsOf('defending')),
  }
}

async function computationOf(trace: Trace, { limits }: Job): Promise<Computation> {
  const { programRoot, status, fuelUsed, output, last } = await sideOf(trace).ending()
  return { programRoot, input: last.input, ...limits, status, fuelUsed, output }
}

/** @param works of both honest sides */
function offChainOf(works: readonly Trace['work'][], steps: bigint, jailed: Taken, plain: PlainRun) {
  const worst = works.reduce((a, b) => (a.steps > b.steps ? a : b))
  return {
    steps,
    workRatio: round(Number(worst.steps) / Number(steps), 3),
    offChain: {
      run_ms: Math.round(worst.msRun),
      hash_ms: Math.round(worst.msHash),
      hashed_mb: Math.round(Number(worst.hashedBytes) / MEGABYTE),
      plain_run_ms: Math.round(plain.ms),
      memory_mb: Math.round(jailed.peakBytes / MEGABYTE),
      memory_ratio: round(jailed.peakBytes / plain.peakBytes, 2),
      disk_mb: Math.round(jailed.diskBytes / MEGABYTE),
    },
  }
}

interface Taken {
  readonly peakBytes: number
  readonly diskBytes: number
}

/** What the process that defends takes: it is asked what it was asked in a game, and has to say the same. */
async function inTheJail(
  { module, input, limits }: Job,
  dir: string,
  questions: readonly Question[],
): Promise<Taken> {
  const tracer = await openTracer({ program: module, input, ...limits, memoryPages: 16_384, dir })
  try {
    for (const { ask, answer } of questions) {
      if (!isDeepStrictEqual(await ask(tracer), answer)) throw new Error('The jail says something else.')
    }
    return { peakBytes: await peakBytes(tracer.pid!), diskBytes: tracer.status().diskBytes }
  } finally {
    await tracer.close()
  }
}

async function plainRun(): Promise<PlainRun> {
  const child = fileURLToPath(new URL('plainChild.ts', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [child, ...PROGRAM])
  return JSON.parse(stdout)
}

/** 2^40 steps of the machine that counts: the same scheme over it, in the same market. */
async function playCounted(): Promise<Game[]> {
  const chain = await startChain()
  const machine = await chain.deploy(await compileHelper('ProofMachine'))
  const scheme = await chain.deploy(await readArtifact('ProofScheme'), [machine])
  const court = await openCourt(chain, scheme)
  const honest = countingSide(MANY_STEPS)
  const liar = countingSide(MANY_STEPS, (MANY_STEPS * 2n) / 3n)
  const bond = bondOf(honest.contested.fuel)
  const games: Game[] = []
  const play = async (name: string, parties: Omit<Parties, 'bond'>) => {
    console.error(`${name} …`)
    games.push({ name, bond, ...(await court.play({ ...parties, bond })) })
  }
  await play('2^40, a liar', { contested: liar.contested, provider: liar.side, challenger: honest.side })
  await play('2^40, challenged falsely', {
    ...{ contested: honest.contested, provider: honest.side, challenger: liar.side },
  })
  await play('2^40, challenged in silence', { contested: honest.contested, provider: honest.side })
  return games
}

const sumOf = (sent: readonly Sent[]) => sent.reduce((sum, { gas }) => sum + gas, 0)
const mostGas = (games: readonly Game[]) => Math.max(...games.map(({ sent }) => sumOf(sent)))

/** Of one side: what it does in the game, its end by a proof or a clock with it. */
function mostMoves(games: readonly Game[]): number {
  const isMove = ({ kind }: Sent) => kind !== 'challenge' && kind !== 'settle'
  return Math.max(
    ...games.flatMap(({ sent }) =>
      (['provider', 'challenger'] as const).map(
        (side) => sent.filter((one) => isMove(one) && one.by === side).length,
      ),
    ),
  )
}

const kinds = (games: readonly Game[], kind: Sent['kind']) =>
  games.flatMap(({ sent }) => sent.filter((one) => one.kind === kind).map(({ gas }) => gas))

/** What the forfeited bond pays to what the game costs the provider, at so many times the base fee at signing. */
function coverOf({ sent, toProvider }: Game): number {
  const gas = BigInt(sumOf(sent.filter(({ by }) => by === 'provider')))
  return round(Number(toProvider) / Number(gasCost({ ...PRICE, baseFee: SURGE * PRICE.baseFee, gas })), 3)
}

const round = (value: number, digits: number) => Number(value.toFixed(digits))

function figuresOf(json: Record<string, unknown>): Figure[] {
  const value = (name: string) => json[name] as number
  const beyond = KINDS.map((kind) => {
    const most = kind === 'defend' || kind === 'split' ? GAME_GAS.move : GAME_GAS[kind]
    return { name: `${kind}_gas`, value: value(`${kind}_gas`), aim: Number(most), unit: 'gas' }
  })
  return [
    { name: 'gas_2e30', value: value('gas_2e30'), aim: 1_000_000, unit: 'gas' },
    { name: 'moves_2e30', value: value('moves_2e30'), aim: 5, unit: 'a side' },
    { name: 'gas_2e40', value: value('gas_2e40'), aim: 1_200_000, unit: 'gas' },
    { name: 'moves_2e40', value: value('moves_2e40'), aim: 5, unit: 'a side' },
    ...beyond,
    { name: 'work_ratio', value: value('work_ratio'), aim: 1.3, unit: 'runs' },
    { name: 'run_ms', value: value('run_ms'), unit: 'ms' },
    { name: 'hash_ms', value: value('hash_ms'), unit: 'ms' },
    { name: 'plain_run_ms', value: value('plain_run_ms'), unit: 'ms' },
    { name: 'memory_ratio', value: value('memory_ratio'), aim: 4, unit: 'times a run’s process' },
    { name: 'memory_mb', value: value('memory_mb'), unit: 'MB' },
    { name: 'disk_mb', value: value('disk_mb'), unit: 'MB' },
    {
      name: 'bond_cover',
      value: value('bond_cover'),
      aim: 1,
      atLeast: true,
      unit: 'at eight times the base fee',
    },
  ]
}
