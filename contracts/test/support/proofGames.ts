// Games of proof, played on a chain: the scheme over some machine, a receiver, and a player a side.

import { type Contract, type ContractTransactionReceipt, id, ZeroHash } from 'ethers'
import { network } from 'hardhat'
import type { Hex } from 'viem'
import { nextMove } from '../../../sdk/src/proof/decide.ts'
import { deadlineOf, type GameState, type Side, unpackGame } from '../../../sdk/src/proof/game.ts'
import { rootOf } from '../../../sdk/src/proof/split.ts'
import type { Tracer } from '../../../sdk/src/proof/tracer.ts'
import { deployHelper } from '../machine/support/compile.ts'
import type { Struct } from './market.ts'

export const GUILTY = 1n
export const CLEAN = 2n

/** Of every case here, from its opening on. */
export const TIME = 6_400n
export const SHARE = (TIME * 10n) / 64n

export type Run = Pick<Tracer, 'statesAt'>

/** A side, honest or not. */
export interface Player {
  readonly run: Run
  /** Of the step that begins with the state before it. */
  witness(step: bigint): Promise<string> | string
}

/** A game under way as everybody can read it in the events. */
export interface Standing extends GameState {
  readonly game: Struct
  /** State before the split's first section; before the defence none. */
  readonly start: Hex
  /** Before the defence none. */
  readonly ends: readonly Hex[]
}

/** Where a game is played. */
export interface Table {
  readonly scheme: Contract
  readonly time: Time
  /** The scheme as this side calls it. */
  by(side: Side): Contract
}

export type Ethers = Awaited<ReturnType<typeof network.create>>['ethers']
type Time = Awaited<ReturnType<typeof network.create>>['networkHelpers']['time']
type Sent = Promise<{ wait(): Promise<ContractTransactionReceipt | null> }>

/** How the game stands after a transaction. */
export function standingAfter(scheme: Contract, { logs }: ContractTransactionReceipt): Standing {
  for (const log of logs) {
    const event = scheme.interface.parseLog(log)
    if (event?.name !== 'GameOpened' && event?.name !== 'Split') continue
    const { game, start = ZeroHash, ends = [] } = event.args.toObject()
    return { game: game.toObject(true), start, ends: [...ends], ...unpackGame(game.state) }
  }
  throw new Error('no game in these logs')
}

/** Defends and plays on until it is over. Whoever has no move lets its clock run out. */
export async function playOut(
  { scheme, time, by }: Table,
  opened: Standing,
  defence: Struct,
  players: Readonly<Record<Side, Player>>,
  heard: readonly [receiver: string, caseId: string],
) {
  const gas: number[] = []
  const moves = { provider: 0, challenger: 0 }
  const taken = async (sent: Sent) => {
    const receipt = (await (await sent).wait())!
    gas.push(Number(receipt.gasUsed))
    return receipt
  }
  let standing = standingAfter(scheme, await taken(by('provider').defend!(opened.game, defence)))
  moves.provider++
  const timeOut = async () => {
    await time.increaseTo(deadlineOf(standing))
    await taken(scheme.timeout!(standing.game, rootOf(standing), ...heard))
    return { how: 'timeout', moves, gas } as const
  }
  for (;;) {
    const { game, turn } = standing
    const player = players[turn]
    const move = await nextMove(standing, player.run)
    if (move.do === 'wait') return timeOut()
    if (move.do === 'prove') {
      const args = [game, move.section, ...heard, await player.witness(move.step)]
      const proves = await scheme.prove!.staticCall(...args).then(
        () => true,
        () => false,
      )
      if (!proves) return timeOut()
      await taken(scheme.prove!(...args))
      return { how: 'proof', moves, gas } as const
    }
    standing = standingAfter(scheme, await taken(by(turn).split!(game, move.section, move.ends)))
    moves[turn]++
  }
}

export type Court = Awaited<ReturnType<typeof deployCourt>>

/** The scheme before a receiver that hears anything. */
export async function deployCourt(machineOf: (ethers: Ethers) => Promise<Contract>) {
  const { ethers, networkHelpers } = await network.create()
  const [, provider, challenger, stranger, key] = await ethers.getSigners()
  const machine = await machineOf(ethers)
  const scheme = (await ethers.deployContract('ProofScheme', [
    await machine.getAddress(),
  ])) as unknown as Contract
  const receiver = (await deployHelper(ethers, 'ProofReceiver', [])) as unknown as Contract
  const receiverAddress = await receiver.getAddress()
  const { time } = networkHelpers
  let cases = 0

  /** A case of this computation, by the receiver. */
  async function caseOf(contested: Struct, changes: Struct = {}): Promise<Struct> {
    const { programRoot, input, fuel, outputMax, status, fuelUsed, output } = contested
    return {
      id: id(`case ${cases++}`),
      lease: id('lease'),
      index: 3n,
      job: { programRoot, input, fuel, outputMax, deadline: 0n },
      result: { ticket: id('ticket'), status, fuelUsed, output },
      scheme: {
        scheme: await scheme.getAddress(),
        arbiter: `0x${'00'.repeat(20)}`,
        arbiterFee: 0n,
        machineVersion: 3n,
        taskerShare: 7_000n,
        winnerShare: 1_000n,
      },
      challenger: challenger!.address,
      provider: provider!.address,
      providerKey: key!.address,
      ruleBy: BigInt(await time.latest()) + 1n + TIME,
      ...changes,
    }
  }

  const open = async (facts: Struct) =>
    receiver.open!(await scheme.getAddress(), scheme.interface.encodeFunctionData('open', [facts]))

  const after = (receipt: ContractTransactionReceipt) => standingAfter(scheme, receipt)
  const by = (side: Side) => scheme.connect(side === 'provider' ? provider! : challenger!) as Contract

  async function start(contested: Struct, changes: Struct = {}) {
    const facts = await caseOf(contested, changes)
    await time.setNextBlockTimestamp(facts.ruleBy - TIME)
    const sent = await open(facts)
    return { facts, ...after((await sent.wait())!) }
  }

  async function play(contested: Struct, defence: Struct, players: Readonly<Record<Side, Player>>) {
    const { facts, ...opened } = await start(contested)
    const heard = [receiverAddress, facts.id] as const
    const played = await playOut({ scheme, time, by }, opened, defence, players, heard)
    return {
      ...played,
      verdict: (await receiver.verdictOf!(facts.id)) as bigint,
      left: facts.ruleBy - BigInt(await time.latest()),
      kept: (await scheme.gameOf!(opened.game.id)) as Hex,
    }
  }

  return {
    ethers,
    time,
    provider: provider!,
    challenger: challenger!,
    stranger: stranger!,
    key: key!,
    machine,
    scheme,
    receiver,
    receiverAddress,
    caseOf,
    open,
    after,
    by,
    start,
    play,
  }
}
