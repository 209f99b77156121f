/** Tells a game to a person, move by move, as the chain shows it. */
import type { GameEnd, GameView, PlayedMove } from '@millrace/sdk'
import type { Logger } from 'pino'
import { type FaultPoint, faultAt } from '../fault.ts'
import type { FoundCase } from '../ports.ts'

/** What each move of the provider is called, and where a test may kill the agent after it. */
const OURS: Readonly<Record<PlayedMove['kind'], readonly [says: string, point: FaultPoint]>> = {
  defend: ['defended a result: showed how its run begins and ends', 'defended'],
  split: ['picked a section of the challenger’s and split it', 'split'],
  prove: ['a step of the challenger’s was proven wrong', 'proved'],
  timeout: ['the challenger’s time was out', 'timed-out'],
}

const THEIRS: Readonly<Record<Exclude<PlayedMove['kind'], 'defend'>, string>> = {
  split: 'the challenger picked a section and split it',
  prove: 'a step of this run was proven wrong',
  timeout: 'this side’s time was out',
}

export interface GameTeller {
  /** At the first look: how the game stands. */
  begin(view: GameView): void
  move(move: PlayedMove, view: GameView): void
  end(end: GameEnd): void
}

export function gameTeller({ id, lease, index }: FoundCase, log: Logger): GameTeller {
  /** Moves that were there before this process looked: they are news to nobody. */
  const old = new Set<string>()
  const keyOf = ({ kind, tx }: Pick<PlayedMove, 'kind' | 'tx'>) => `${kind} ${tx}`

  return {
    begin: (view) => {
      for (const move of view.moves) old.add(keyOf(move))
      const { contested, level, turn, moves } = view
      const facts = { case: id, lease, index, fuel: contested.fuelUsed.toString(), level }
      log.info({ ...facts, moves: moves.length, turn, clock: clockOf(view) }, 'playing for a result')
    },
    move: (move, view) => {
      if (old.has(keyOf(move))) return
      const facts = { case: id, level: move.level, tx: move.tx }
      if (move.by === 'provider') {
        const [says, point] = OURS[move.kind]
        log.info({ ...facts, gas: Number(move.gas) }, says)
        faultAt(point)
      } else if (move.kind === 'split') log.info({ ...facts, clock: clockOf(view) }, THEIRS.split)
      else if (move.kind !== 'defend') log.warn(facts, THEIRS[move.kind])
    },
    end: ({ verdict, moves, gas, settled }) => {
      const spent = Number(gas.provider + (settled?.gas ?? 0n))
      const facts = { case: id, lease, index, verdict, moves: moves.length, gas: spent }
      if (verdict === 'guilty') log.error(facts, 'a dispute was lost')
      else if (verdict === 'clean') log.info(facts, 'a dispute was won')
      else log.warn(facts, 'a dispute ended without a verdict')
    },
  }
}

/** Seconds that the side to move had when its turn began. */
function clockOf({ turn, providerClock, challengerClock }: GameView): number {
  return Number(turn === 'provider' ? providerClock : challengerClock)
}
