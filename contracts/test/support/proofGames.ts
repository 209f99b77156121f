// Games of proof, played to their end on a chain: the scheme over some machine, a receiver, and a player a side.
import { AbiCoder, type Contract, type ContractTransactionReceipt, id, keccak256, ZeroHash } from 'ethers'
import { network } from 'hardhat'
import { deployHelper } from '../machine/support/compile.ts'
import type { Struct } from './market.ts'
import { type Hash, nextMove, type Posted, type Run, rootOf, SECTIONS } from './proofMoves.ts'

export const GUILTY = 1n
export const CLEAN = 2n
export const PROVIDER = 0n
export const CHALLENGER = 1n

/** Of every case here, from its opening on. */
export const TIME = 6_400n
export const SHARE = (TIME * 10n) / 64n

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
  readonly start: Hash
  /** Before the defence none. */
  readonly ends: readonly Hash[]
}

/** What a game's one word says. */
export interface GameState {
  readonly firstStep: bigint
  readonly level: bigint
  readonly turn: bigint
  readonly providerClock: bigint
  readonly challengerClock: bigint
  readonly extension: bigint
  readonly movedAt: bigint
}

export function unpack(word: bigint): GameState {
  let left = word
  const take = (bits: bigint) => {
    const value = BigInt.asUintN(Number(bits), left)
    left >>= bits
    return value
  }
  return {
    firstStep: take(72n),
    level: take(8n),
    turn: take(8n),
    providerClock: take(40n),
    challengerClock: take(40n),
    extension: take(40n),
    movedAt: take(40n),
  }
}

const standing = (game: Struct, start: Hash, ends: readonly Hash[]): Standing => ({
  game,
  start,
  ends,
  ...unpack(game.state),
})

export type Court = Awaited<ReturnType<typeof deployCourt>>

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
      others: 0n,
      ruleBy: BigInt(await time.latest()) + 1n + TIME,
      ...changes,
    }
  }

  const open = async (facts: Struct) =>
    receiver.open!(await scheme.getAddress(), scheme.interface.encodeFunctionData('open', [facts]))

  /** How the game stands after a transaction. */
  function standingAfter({ logs }: ContractTransactionReceipt): Standing {
    for (const log of logs) {
      const event = scheme.interface.parseLog(log)
      if (event?.name === 'GameOpened') return standing(event.args.game.toObject(true), ZeroHash, [])
      if (event?.name === 'Split') {
        const { game, start, ends } = event.args
        return standing(game.toObject(true), start, [...ends])
      }
    }
    throw new Error('no game in these logs')
  }

  const by = (side: bigint) => scheme.connect(side === PROVIDER ? provider! : challenger!) as Contract

  async function start(contested: Struct, changes: Struct = {}) {
    const facts = await caseOf(contested, changes)
    await time.setNextBlockTimestamp(facts.ruleBy - TIME)
    const sent = await open(facts)
    return { facts, ...standingAfter((await sent.wait())!) }
  }

  /** Plays on until it is over. Whoever has no move lets its clock run out. */
  async function play(contested: Struct, defence: Struct, players: readonly [Player, Player]) {
    const { facts, game: opened } = await start(contested)
    const gas: number[] = []
    const moves = [0, 0]
    const taken = async (sent: Promise<{ wait(): Promise<ContractTransactionReceipt | null> }>) => {
      const receipt = (await (await sent).wait())!
      gas.push(Number(receipt.gasUsed))
      return receipt
    }
    let standing = standingAfter(await taken(by(PROVIDER).defend!(opened, defence)))
    moves[0] = 1
    const end = async (how: string) => ({
      how,
      verdict: (await receiver.verdictOf!(facts.id)) as bigint,
      moves,
      gas,
      left: facts.ruleBy - BigInt(await time.latest()),
      kept: (await scheme.gameOf!(opened.id)) as Hash,
    })
    for (;;) {
      const posted = postedIn(standing)
      const { game, turn: side } = standing
      const player = players[Number(side)]!
      const move = await nextMove(posted, player.run)
      if (move.kind === 'wait') {
        await time.increaseTo(deadlineOf(standing))
        await taken(scheme.timeout!(game, rootOf(posted), receiverAddress, facts.id))
        return end('timeout')
      }
      if (move.kind === 'prove') {
        const witness = await player.witness(move.step)
        const args = [game, move.section, receiverAddress, facts.id, witness]
        const proves = await scheme.prove!.staticCall(...args).then(
          () => true,
          () => false,
        )
        if (!proves) {
          await time.increaseTo(deadlineOf(standing))
          await taken(scheme.timeout!(game, rootOf(posted), receiverAddress, facts.id))
          return end('timeout')
        }
        await taken(scheme.prove!(...args))
        return end('proof')
      }
      standing = standingAfter(await taken(by(side).split!(game, move.section, move.ends)))
      moves[Number(side)]!++
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
    standingAfter,
    by,
    start,
    play,
  }
}

export type Ethers = Awaited<ReturnType<typeof network.create>>['ethers']

/** By when the side to move has to. */
export function deadlineOf({ movedAt, turn, providerClock, challengerClock }: GameState): bigint {
  return movedAt + (turn === PROVIDER ? providerClock : challengerClock)
}

export function postedIn({ start, firstStep, level, ends }: Standing): Posted {
  return { start, firstStep, level: Number(level), ends }
}

/** A machine that counts, and runs of it. */
export const countingMachine = async (ethers: Ethers) =>
  (await deployHelper(ethers, 'ProofMachine', [])) as unknown as Contract

const coder = AbiCoder.defaultAbiCoder()
const word = (value: bigint) => `0x${value.toString(16).padStart(64, '0')}`
const hashOf = (words: readonly string[]) =>
  keccak256(
    coder.encode(
      words.map(() => 'bytes32'),
      words,
    ),
  )
const STATE = 'tuple(bytes32,bytes32,bytes32,tuple(bytes32,bytes32,bytes32,bytes32,bytes32))'

/** A run of so many steps on the machine that counts. From step `wrongAfter` on it is somebody's lie. */
export function countingRun(steps: bigint, wrongAfter?: bigint) {
  const program = { code: id('a program'), memory_: ZeroHash, slots: ZeroHash, pages: ZeroHash }
  const programRoot = hashOf(Object.values(program))
  const sizes = word(1_000n << 64n)
  const fuel = steps / 32n + 1_000n
  const output = hashOf([program.code, word(steps)])
  const stateAt = (step: bigint) => {
    const at = step < steps ? step : steps
    const lies = wrongAfter !== undefined && at > wrongAfter
    return {
      registers: word(at === steps ? 1n : 0n),
      code: program.code,
      stack: word(at),
      world: {
        sizes,
        memory_: word(steps),
        // The lie: it used a unit less.
        slots: word(lies ? 1_001n : 1_000n),
        input: word(steps),
        output,
      },
    }
  }
  const hashAt = (step: bigint) => {
    const { registers, code, stack, world } = stateAt(step)
    return hashOf([id('millrace.state'), registers, code, stack, hashOf(Object.values(world))])
  }
  const run: Run = { statesAt: async (all) => all.map(hashAt) }
  const witness = (step: bigint) => {
    const { registers, code, stack, world } = stateAt(step)
    return coder.encode([STATE], [[registers, code, stack, Object.values(world)]])
  }
  const contested = {
    programRoot,
    input: word(steps),
    fuel,
    outputMax: 1_000n,
    status: 0n,
    fuelUsed: fuel - BigInt(stateAt(steps).world.slots),
    output,
  }
  const level = levelOf(contested.fuelUsed)
  const defence = async () => {
    const { registers, stack, world } = stateAt(steps)
    return {
      fuel,
      ...program,
      input: world.input,
      registers,
      sizes,
      stack,
      lastMemory: world.memory_,
      lastSlots: world.slots,
      outputRoot: output,
      states: (await run.statesAt(gridOf(level))).slice(0, SECTIONS - 1),
    }
  }
  return { run, witness, contested, defence, hashAt, level }
}

/** Least level of which one section holds a run with this fuel. By the page alone. */
export function levelOf(fuelUsed: bigint): number {
  let level = 0
  while (32n ** BigInt(level) < 32n * (fuelUsed + 64n)) level++
  return level
}

/** Where the sections of the first split end. */
export const gridOf = (level: number) =>
  Array.from({ length: SECTIONS }, (_, i) => BigInt(i + 1) * 32n ** BigInt(level - 1))
