/** Proof games over real programs, between players that know nothing but the chain. */
import type { Tamper } from '@millrace/machine/steps'
import { custom, type Hex, keccak256 } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { getBalance } from '../src/actions/getFunds.ts'
import { readCase } from '../src/actions/readCase.ts'
import { proveStep, timeoutGame } from '../src/actions/transactions.ts'
import type { MillraceClient } from '../src/client/client.ts'
import { CaseUnknownError } from '../src/errors/case.ts'
import { ClockRunsError, NotYourTurnError } from '../src/errors/contracts/proof.ts'
import { decide } from '../src/proof/decide.ts'
import type { Side } from '../src/proof/game.ts'
import { contestedOf } from '../src/proof/gameMoves.ts'
import { type GameEnd, type PlayGameParameters, playGame } from '../src/proof/playGame.ts'
import { GameUnknownError, readGame } from '../src/proof/readGame.ts'
import { type GameView, gameOf } from '../src/proof/view.ts'
import { START_TIMEOUT } from './chain.ts'
import { type Arena, CHALLENGER, openArena, PROVIDER, type ProgramName, STRANGER, TASKER } from './games.ts'

/** Milliseconds: a game is some twenty transactions and runs, beside other tests. */
const TIMEOUT = 120_000

const LIE: Tamper = { step: 3_456n, field: 'output', seed: 1 }
/** The step that leads to the altered state. */
const WRONG = LIE.step - 1n
/** Of a challenger's machine. */
const MISTAKE: Tamper = { step: 2_777n, field: 'output', seed: 2 }

/** A case about one of the programs, and whose runs are not honest. */
interface Contested extends Awaited<ReturnType<Arena['contest']>> {
  program: ProgramName
  tampers: Partial<Record<Side, Tamper>>
}

type Options = Partial<PlayGameParameters>

let arena: Arena
beforeAll(async () => {
  arena = await openArena()
}, START_TIMEOUT)
afterAll(() => arena.chain.close())

const accountOf = (side: Side) => (side === 'provider' ? PROVIDER : CHALLENGER)
const clientOf = (index: number) => arena.chain.client(index)
const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )
const free = async (index: number) =>
  (await getBalance(clientOf(index), { token: arena.chain.contracts.token })).free
const request = (method: string, ...params: unknown[]) =>
  arena.chain.publicClient.request({ method, params } as never)

async function contest(program: ProgramName, tampers: Contested['tampers'] = {}): Promise<Contested> {
  return { program, tampers, ...(await arena.contest(program, tampers.provider)) }
}

/** One side to the end, with nothing kept from before. */
async function play(side: Side, { program, caseId, known, tampers }: Contested, options: Options = {}) {
  const tracer = await arena.tracer(program, tampers[side])
  return playGame(clientOf(accountOf(side)), { caseId, side, tracer, known, ...options })
}

/** Both sides; the one that is not honest may lose by its clock. */
async function playBoth(contested: Contested, options: Partial<Record<Side, Options>> = {}) {
  const stop = arena.hurry(contested.caseId, contested.tampers.provider ? 'provider' : 'challenger')
  try {
    const [provider, challenger] = await Promise.all([
      play('provider', contested, options.provider),
      play('challenger', contested, options.challenger),
    ])
    return { provider, challenger }
  } finally {
    await stop()
  }
}

const movesOf = ({ moves }: GameEnd) => moves.map(({ by, kind, level }) => `${by} ${kind} ${level}`)

describe('whoever plays the true run wins', { timeout: TIMEOUT }, () => {
  it('a liar is proven wrong at the step that it made otherwise', async () => {
    const contested = await contest('short', { provider: LIE })
    const before = await free(CHALLENGER)
    const states: string[] = []
    const told: string[] = []
    const { provider, challenger } = await playBoth(contested, {
      challenger: {
        onView: ({ state, turn }) => states.push(`${state} ${turn}`),
        onMove: ({ by, kind, level }) => told.push(`${by} ${kind} ${level}`),
      },
    })
    const moves = ['provider defend 2', 'challenger split 1', 'provider split 0', 'challenger prove 0']
    for (const end of [provider, challenger]) {
      expect(end).toMatchObject({ verdict: 'guilty', proven: true, step: WRONG })
      expect(movesOf(end)).toEqual(moves)
    }
    expect(told).toEqual(moves)
    expect(states).toEqual([
      'defend provider',
      'split challenger',
      'split provider',
      'prove challenger',
      'ended challenger',
    ])
    expect([provider, challenger].filter(({ settled }) => settled)).toHaveLength(1)
    expect(challenger.gas).toEqual(provider.gas)
    expect(challenger.moves.every(({ gas }) => gas > 20_000n && gas < 120_000n)).toBe(true)
    expect(await free(CHALLENGER)).toBeGreaterThan(before)
  })

  it('a liar that has to show the wrong step itself loses by its clock', async () => {
    const { provider, challenger } = await playBoth(await contest('long', { provider: LIE }))
    expect(provider.verdict).toBe('guilty')
    expect(challenger).toMatchObject({ verdict: 'guilty', proven: false })
    expect(movesOf(challenger).at(-1)).toBe('challenger timeout 0')
  })

  it.each(['short', 'long'] as const)(
    'an honest provider wins over a mistaken challenger: %s',
    async (program) => {
      const before = await free(PROVIDER)
      const { provider, challenger } = await playBoth(await contest(program, { challenger: MISTAKE }))
      expect([provider.verdict, challenger.verdict]).toEqual(['clean', 'clean'])
      // Of 50, the fee of nobody goes to the provider too, and a fifth of the rest is burned.
      expect(await free(PROVIDER)).toBeGreaterThan(before - 10n ** 8n)
    },
  )

  it('a provider that does not answer loses by its clock', async () => {
    const contested = await contest('short', { provider: LIE })
    const stop = arena.hurry(contested.caseId, 'provider')
    const end = await play('challenger', contested)
    await stop()
    expect(end).toMatchObject({ verdict: 'guilty', proven: false })
    expect(movesOf(end)).toEqual(['challenger timeout 5'])
  })

  it('a challenger that does not answer loses by its clock', async () => {
    const contested = await contest('short')
    const stop = arena.hurry(contested.caseId, 'challenger')
    const end = await play('provider', contested)
    await stop()
    expect(end).toMatchObject({ verdict: 'clean', proven: false })
    expect(movesOf(end)).toEqual(['provider defend 2', 'provider timeout 2'])
  })
})

describe('a player', { timeout: TIMEOUT }, () => {
  it('that is killed after every move of either side goes on from the chain alone', async () => {
    const contested = await contest('short', { provider: LIE })
    let killed = 0
    const mortal = async (side: Side): Promise<GameEnd> => {
      for (let seen = 0; ; ) {
        const life = new AbortController()
        const onView = ({ moves, state }: GameView) => {
          if (moves.length <= seen || state === 'ended') return
          seen = moves.length
          life.abort(new Error('killed'))
        }
        const end = await play(side, contested, { signal: life.signal, onView }).catch((error: Error) => {
          expect(error.message).toBe('killed')
        })
        if (end) return end
        killed++
      }
    }
    const [provider, challenger] = await Promise.all([mortal('provider'), mortal('challenger')])
    expect(challenger).toMatchObject({ verdict: 'guilty', proven: true, step: WRONG })
    expect(movesOf(provider)).toHaveLength(4)
    // Both saw three moves; the one that made the last one may have ended with it.
    expect(killed).toBeGreaterThanOrEqual(5)
  })

  it.each([-86_400, 86_400])(
    'whose computer is %d s off moves in time, and says when the other has not',
    async (off) => {
      const contested = await contest('short')
      const client = { ...clientOf(PROVIDER), now: () => Date.now() + off * 1_000 }
      const stop = arena.hurry(contested.caseId, 'challenger')
      const { caseId, known } = contested
      const tracer = await arena.tracer('short')
      const end = await playGame(client, { caseId, side: 'provider', tracer, known })
      await stop()
      expect(end).toMatchObject({ verdict: 'clean', proven: false })
      expect(movesOf(end)).toEqual(['provider defend 2', 'provider timeout 2'])
    },
  )

  it('makes a move again that a reorganisation took back', async () => {
    const contested = await contest('short', { provider: LIE })
    let snapshot: unknown
    let taken = 0
    // All moves but the defence are gone.
    const onView = async ({ moves }: GameView) => {
      if (moves.length === 1 && taken === 0) snapshot = await request('evm_snapshot')
      if (moves.length === 3 && taken === 0) {
        taken++
        await request('evm_revert', snapshot)
      }
    }
    const { challenger } = await playBoth(contested, { challenger: { onView: (view) => void onView(view) } })
    expect(taken).toBe(1)
    expect(challenger).toMatchObject({ verdict: 'guilty', proven: true, step: WRONG })
    expect(movesOf(challenger)).toHaveLength(4)
  })

  it('gets its moves through a node that forgets each transaction the first time', async () => {
    const contested = await contest('short', { provider: LIE })
    const { caseId, known } = contested
    let forgotten = 0
    const forgetful = (index: number): MillraceClient => {
      const client = clientOf(index)
      const seen = new Set<string>()
      const transport = custom({
        request: async ({ method, params }) => {
          const [raw] = (params ?? []) as string[]
          if (method !== 'eth_sendRawTransaction' || seen.has(raw!)) return request(method, ...(params ?? []))
          seen.add(raw!)
          forgotten++
          return keccak256(raw as Hex)
        },
      })
      return { ...client, transport, cache: { market: client.cache.market } }
    }
    const mining = setInterval(() => void request('evm_mine'), 150)
    try {
      const [provider, challenger] = await Promise.all(
        (['provider', 'challenger'] as const).map(async (side) => {
          const tracer = await arena.tracer('short', contested.tampers[side])
          return playGame(forgetful(accountOf(side)), { caseId, side, tracer, known })
        }),
      )
      expect(movesOf(provider!)).toHaveLength(4)
      expect(challenger).toMatchObject({ verdict: 'guilty', proven: true, step: WRONG })
      expect(forgotten).toBeGreaterThanOrEqual(5)
    } finally {
      clearInterval(mining)
    }
  })

  it('takes it that somebody else was faster with the proof', async () => {
    const contested = await contest('short', { provider: LIE })
    const { caseId } = contested
    const tracer = await arena.tracer('short')
    let proofs = 0
    const faster = async (view: GameView) => {
      if (view.state !== 'prove' || proofs++ > 0) return
      const action = await decide(view, 'challenger', tracer, await arena.chain.now())
      if (action.do !== 'prove') throw new Error(`nothing to prove: ${action.do}`)
      const { section, witness } = action
      const { disputes: receiver } = arena.chain.contracts
      await proveStep(clientOf(STRANGER), { game: gameOf(view), section, witness, receiver, caseId })
    }
    const sent: Promise<void>[] = []
    const { provider, challenger } = await playBoth(contested, {
      provider: { onView: (view) => void sent.push(faster(view)) },
    })
    await Promise.allSettled(sent)
    expect(provider.verdict).toBe('guilty')
    expect(challenger).toMatchObject({ verdict: 'guilty', proven: true, step: WRONG })
    expect(movesOf(challenger)).toHaveLength(4)
  })

  it('ends where another case has ended its lease, and has its bond back', async () => {
    const contested = await contest('short', { provider: LIE })
    const before = await free(STRANGER)
    const second = await contested.again(STRANGER)
    const tracer = await arena.tracer('short')
    const life = new AbortController()
    const playing = playGame(clientOf(STRANGER), {
      ...{ caseId: second, side: 'challenger', tracer, known: contested.known, signal: life.signal },
    })
    const { challenger } = await playBoth(contested)
    expect(challenger).toMatchObject({ verdict: 'guilty', proven: true })
    expect(await playing).toMatchObject({ verdict: 'moot', proven: false })
    expect(await free(STRANGER)).toBe(before)
    expect(await failureOf(readCase(clientOf(TASKER), second, contested.known))).toBeInstanceOf(
      CaseUnknownError,
    )
  })
})

describe('what the chain refuses', { timeout: TIMEOUT }, () => {
  it('is said by the error of the move', async () => {
    const { caseId, known } = await contest('short')
    const view = await readGame(clientOf(STRANGER), { caseId })
    const { disputes: receiver } = arena.chain.contracts
    const timeout = timeoutGame(clientOf(STRANGER), {
      ...{ game: gameOf(view), contested: contestedOf(view), receiver, caseId },
    })
    expect(await failureOf(timeout)).toBeInstanceOf(ClockRunsError)

    const tracer = await arena.tracer('short')
    const strange = playGame(clientOf(STRANGER), { caseId, known, side: 'provider', tracer })
    expect(await failureOf(strange)).toBeInstanceOf(NotYourTurnError)
    const nobody = `0x${'12'.repeat(32)}` as const
    expect(await failureOf(readGame(clientOf(STRANGER), { caseId: nobody }))).toBeInstanceOf(GameUnknownError)
    expect(await readCase(clientOf(STRANGER), caseId, known)).toMatchObject({ id: caseId, index: 0 })
  })
})
