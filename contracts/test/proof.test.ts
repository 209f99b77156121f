// The proof game, move by move, over a machine that counts to 2^40.
import { expect } from 'chai'
import { id, keccak256, ZeroHash } from 'ethers'
import type { Hex } from 'viem'
import { STEPS_FUEL, STEPS_PER_UNIT } from '../../machine/src/pass/weights.ts'
import { nextMove } from '../../sdk/src/proof/decide.ts'
import { deadlineOf } from '../../sdk/src/proof/game.ts'
import { gridOf, levelOf, rootOf, sectionOf } from '../../sdk/src/proof/split.ts'
import { countingMachine, countingRun } from './support/countingRuns.ts'
import type { Struct } from './support/market.ts'
import { CLEAN, type Court, deployCourt, GUILTY, SHARE, type Standing, TIME } from './support/proofGames.ts'

// open
// ├── when the leaf names another version of the machine: it reverts WrongMachine
// ├── when fewer seconds are left than a clock has parts: it reverts TooLittleTime
// ├── when the receiver's game of that case still goes on: it reverts CaseKnown
// └── else: the game is kept under the receiver that called; another's case of that id is another game
// defend
// ├── when the game is another: it reverts NotTheGame
// ├── when somebody else than the provider or its key calls: it reverts NotYourTurn
// ├── when the last state has not ended: it reverts with the machine's reason
// ├── when what is shown is not the contested result, or not of its job: it reverts NotTheGame
// ├── when its sections are longer than any run needs: it reverts TooManySteps
// ├── when the last state has more fuel or room than any job: it reverts NotAnEnd
// ├── when the clock has run out: it reverts TimeIsUp; a second before, it goes through
// └── else: the challenger's turn; a replay reverts NotTheGame
// split
// ├── given no defence: it reverts NotTheGame
// ├── when the section is not of the split, or the path is another's: it reverts NotTheGame
// ├── when the index is beyond 31: it reverts NoSuchSection
// ├── when somebody else than the side to move calls: it reverts NotYourTurn
// ├── when its end is the one it contests: it reverts SameEnd
// ├── when sections are single steps: it reverts SingleSteps
// ├── when the clock has run out: it reverts TimeIsUp
// └── else: the other side's turn, a level down, at the section's first step
// prove
// ├── given longer sections: it reverts NotSingleSteps
// ├── when the step is right: it reverts RightStep
// ├── when the witness is of another state: it reverts with the machine's reason
// ├── when receiver or case are others: it reverts NotTheCase
// ├── when the receiver refuses: so does it, and it can be called again
// └── else: the poster loses, whoever calls, also after the other side's clock
// timeout
// ├── a second before the clock runs out: it reverts ClockRuns
// ├── given no defence: the provider is guilty
// ├── when the receiver refuses: so does it
// └── else: the side to move loses, whoever calls; the same case can be opened again
describe('a proof game', () => {
  const STEPS = 2n ** 25n - 2_048n
  const honest = countingRun(STEPS)
  const liar = countingRun(STEPS, 1_234_567n)
  let court: Court

  before(async () => {
    court = await deployCourt(countingMachine)
  })

  const refuses = (sent: Promise<unknown>, error: string, from = court.scheme) =>
    expect(sent).to.be.revertedWithCustomError(from, error)

  const standingOf = async (sent: Promise<{ wait(): Promise<unknown> }>): Promise<Standing> =>
    court.after((await (await sent).wait()) as Parameters<Court['after']>[0])

  const defended = async (by = honest) => {
    const { facts, game } = await court.start(by.contested)
    const sent = court.by('provider').defend!(game, await by.defence())
    return { facts, ...(await standingOf(sent)) }
  }

  /** The liar's defence, and moves down to single steps of the liar's, the honest challenger's turn. */
  const atSingleSteps = async () => {
    const { facts, ...first } = await defended(liar)
    let standing: Standing = first
    while (standing.level > 0) {
      const { turn } = standing
      const move = await nextMove(standing, turn === 'provider' ? liar.run : honest.run)
      if (move.do !== 'split') throw new Error(`expected a split, not ${move.do}`)
      standing = await standingOf(court.by(turn).split!(standing.game, move.section, move.ends))
    }
    return { facts, ...standing }
  }

  it('has the machine’s bound of steps', async () => {
    for (const fuelUsed of [0n, 959n, 960n, 961n, 2n ** 25n - 64n, 2n ** 25n - 63n, 2n ** 64n - 1n]) {
      const { level } = await court.start({ ...honest.contested, fuelUsed })
      const steps = STEPS_PER_UNIT * (fuelUsed + STEPS_FUEL)
      expect(32n ** BigInt(level) >= steps, `${fuelUsed}`).to.equal(true)
      expect(32n ** BigInt(level - 1) < steps, `${fuelUsed}`).to.equal(true)
      expect(levelOf(fuelUsed)).to.equal(level)
    }
  })

  it('ends before the case does, however long everybody takes', async () => {
    for (const fuelUsed of [0n, 2n ** 40n, 2n ** 64n - 1n]) {
      const game = await court.start({ ...honest.contested, fuelUsed })
      const { level, extension } = game
      expect([game.firstStep, game.turn, game.movedAt]).to.deep.equal([
        0n,
        'provider',
        game.facts.ruleBy - TIME,
      ])
      expect([game.providerClock, game.challengerClock]).to.deep.equal([4n * SHARE, SHARE])
      expect(extension).to.equal((TIME * 8n) / (64n * BigInt(level)))
      const most = game.providerClock + game.challengerClock + BigInt(level) * extension
      expect(most <= TIME - (TIME * 6n) / 64n, `${level}`).to.equal(true)
    }
  })

  describe('open', () => {
    it('refuses another version of the machine', async () => {
      const facts = await court.caseOf(honest.contested)
      facts.scheme.machineVersion = 2n
      await refuses(court.open(facts), 'WrongMachine').withArgs(facts.id, 3n, 2n)
    })

    it('refuses a case that whoever opens it would win by the clock', async () => {
      for (const [left, least] of [
        [111n, true],
        [0n, true],
        [112n, false],
      ] as const) {
        const now = BigInt(await court.time.latest()) + 10n
        const facts = await court.caseOf(honest.contested, { ruleBy: now + left })
        await court.time.setNextBlockTimestamp(now)
        if (least) await refuses(court.open(facts), 'TooLittleTime').withArgs(facts.id, left, 112n)
        else await court.open(facts)
      }
    })

    it('takes a case of a receiver once, and another’s of that id as another', async () => {
      const { facts, game } = await court.start(honest.contested)
      await refuses(court.open(facts), 'CaseKnown').withArgs(court.receiverAddress, facts.id)
      await court.scheme.open!(facts)
      expect(await court.scheme.gameOf!(game.id)).to.not.equal(ZeroHash)
    })
  })

  describe('defend', () => {
    it('takes the game as it is, from its provider', async () => {
      const opened = await court.start(honest.contested)
      const { game } = opened
      const defence = await honest.defence()
      const { scheme, by } = court
      for (const changes of [
        { state: game.state + 1n },
        { providerKey: court.stranger.address },
        { id: id('other') },
      ]) {
        await refuses(by('provider').defend!({ ...game, ...changes }, defence), 'NotTheGame')
      }
      for (const account of [court.challenger, court.stranger]) {
        const sent = (scheme.connect(account) as typeof scheme).defend!(game, defence)
        await refuses(sent, 'NotYourTurn').withArgs(game.id, 0n, court.provider.address)
      }
      const standing = await standingOf(by('provider').defend!(game, defence))
      expect(standing.turn).to.equal('challenger')
      expect(standing.start).to.equal(honest.hashAt(0n))
      expect(standing.level).to.equal(opened.level - 1)
      expect(standing.ends).to.deep.equal(await honest.run.statesAt(gridOf(opened.level - 1)))
      await refuses(by('provider').defend!(game, defence), 'NotTheGame')
    })

    it('takes it from the provider’s key', async () => {
      const { game } = await court.start(honest.contested)
      const withKey = court.scheme.connect(court.key) as typeof court.scheme
      const { turn } = await standingOf(withKey.defend!(game, await honest.defence()))
      expect(turn).to.equal('challenger')
    })

    it('shows this job and the end of this result', async () => {
      const { game } = await court.start(honest.contested)
      const { provider } = { provider: court.by('provider') }
      await refuses(provider.defend!(game, await liar.defence()), 'NotTheGame')
      const defence = await honest.defence()
      const one = `0x${'00'.repeat(31)}01`
      for (const name of ['code', 'memory_', 'slots', 'pages', 'outputRoot']) {
        await refuses(provider.defend!(game, { ...defence, [name]: id('other') }), 'NotTheGame')
      }
      await refuses(provider.defend!(game, { ...defence, fuel: defence.fuel + 1n }), 'NotTheGame')
      for (const name of ['input', 'lastSlots']) {
        await refuses(provider.defend!(game, { ...defence, [name]: one }), 'NotTheGame')
      }
      const sizes = `0x${(1_001n << 64n).toString(16).padStart(64, '0')}`
      await refuses(provider.defend!(game, { ...defence, sizes }), 'NotTheGame')
      const running = provider.defend!(game, { ...defence, registers: ZeroHash })
      await refuses(running, 'NotFinal', court.machine)
    })

    it('is of sections as long as its provider says, and not longer than any run', async () => {
      const { game, level } = await court.start(honest.contested)
      const defence = await honest.defence()
      const sent = court.by('provider').defend!(game, { ...defence, level })
      await refuses(sent, 'TooManySteps').withArgs(game.id, level, level - 1)
      const short = await standingOf(court.by('provider').defend!(game, { ...defence, level: 0 }))
      expect([short.level, short.firstStep]).to.deep.equal([0, 0n])
    })

    it('cannot show more fuel or room than any job has', async () => {
      const { game } = await court.start(honest.contested)
      const defence = await honest.defence()
      const fuel = BigInt(defence.lastSlots) - 1n
      const sent = court.by('provider').defend!(game, { ...defence, fuel })
      await refuses(sent, 'NotAnEnd').withArgs(fuel + 1n, 1_000n)
      const room = 2n ** 32n
      const sizes = `0x${(room << 64n).toString(16).padStart(64, '0')}`
      const second = court.by('provider').defend!(game, { ...defence, sizes })
      await refuses(second, 'NotAnEnd').withArgs(BigInt(defence.lastSlots), room)
    })

    it('cannot show a result that used more fuel than there was, nor another status', async () => {
      for (const changes of [{ fuelUsed: 2n ** 64n - 1n }, { status: 1n }]) {
        const { game } = await court.start({ ...honest.contested, ...changes })
        await refuses(court.by('provider').defend!(game, await honest.defence()), 'NotTheGame')
      }
    })

    it('comes within the clock', async () => {
      const opened = await court.start(honest.contested)
      const defence = await honest.defence()
      await court.time.setNextBlockTimestamp(deadlineOf(opened))
      await refuses(court.by('provider').defend!(opened.game, defence), 'TimeIsUp')
      const second = await court.start(honest.contested)
      await court.time.setNextBlockTimestamp(deadlineOf(second) - 1n)
      const next = await standingOf(court.by('provider').defend!(second.game, defence))
      expect(next.providerClock).to.equal(1n + second.extension)
      expect(next.challengerClock).to.equal(SHARE)
    })
  })

  describe('split', () => {
    it('has nothing to split before the defence', async () => {
      const { game } = await court.start(liar.contested)
      const ends = await honest.run.statesAt(gridOf(1))
      const section = sectionOf({ start: honest.hashAt(0n), ends }, 0)
      await refuses(court.by('provider').split!(game, section, ends), 'NotTheGame')
    })

    it('takes a section of the split alone', async () => {
      const { game, start, ends } = await defended(liar)
      const split = (section: Struct, changes: Struct = {}) =>
        court.by('challenger').split!({ ...game, ...changes }, section, ends)
      const posted = { start, ends }
      const { siblings, ...section } = sectionOf(posted, 7)
      await refuses(split({ ...section, siblings, index: 6 }), 'NotTheGame')
      await refuses(split({ ...section, siblings, index: 39 }), 'NoSuchSection')
      await refuses(split({ ...section, siblings, to: id('other') }), 'NotTheGame')
      await refuses(split({ ...section, siblings, from: id('other') }), 'NotTheGame')
      await refuses(split({ ...section, siblings: sectionOf(posted, 6).siblings }), 'NotTheGame')
      await refuses(split({ ...section, siblings }, { state: game.state + (1n << 168n) }), 'NotTheGame')
      await refuses(split({ ...section, siblings }, { state: game.state - (1n << 80n) }), 'NotTheGame')
    })

    it('is the mover’s, who contests an end', async () => {
      const { game, level, start, ends } = await defended(liar)
      const section = sectionOf({ start, ends }, 31)
      const same = [...ends.slice(0, 31), section.to]
      for (const account of [court.provider, court.stranger]) {
        const sent = (court.scheme.connect(account) as typeof court.scheme).split!(game, section, same)
        await refuses(sent, 'NotYourTurn').withArgs(game.id, 1n, court.challenger.address)
      }
      await refuses(court.by('challenger').split!(game, section, same), 'SameEnd').withArgs(section.to)
      const other = [...ends.slice(0, 31), id('other') as Hex]
      const next = await standingOf(court.by('challenger').split!(game, section, other))
      expect(next.turn).to.equal('provider')
      expect(next.level).to.equal(level - 1)
      expect(next.start).to.equal(section.from)
      expect(next.firstStep).to.equal(31n * 32n ** BigInt(level))
      await refuses(court.by('challenger').split!(game, section, other), 'NotTheGame')
    })

    it('comes within the clock', async () => {
      const { facts: _, game, ends, ...standing } = await defended(liar)
      const move = [game, sectionOf({ ...standing, ends }, 3), ends] as const
      const until = deadlineOf(standing)
      await court.time.setNextBlockTimestamp(until)
      await refuses(court.by('challenger').split!(...move), 'TimeIsUp').withArgs(game.id, until)
    })
  })

  describe('prove', () => {
    it('is of single steps', async () => {
      const { facts, game, level, start, ends } = await defended(liar)
      const section = sectionOf({ start, ends }, 0)
      const sent = court.scheme.prove!(game, section, court.receiverAddress, facts.id, honest.witness(0n))
      await refuses(sent, 'NotSingleSteps').withArgs(game.id, level)
    })

    it('hurts whoever posted a wrong step, and nobody else', async () => {
      const { facts, ...standing } = await atSingleSteps()
      const { game } = standing
      const posted = standing
      const move = await nextMove(posted, honest.run)
      if (move.do !== 'prove') throw new Error(`expected a proof, not ${move.do}`)
      expect(move.step).to.equal(1_234_567n)
      const { scheme, receiver, receiverAddress } = court
      const witness = honest.witness(move.step)

      await refuses(court.by(standing.turn).split!(game, move.section, posted.ends), 'SingleSteps')
      const wrongIndex = Number(move.step - posted.firstStep)
      for (let i = 0; i < 32; i++) {
        if (i === wrongIndex) continue
        const by = i < wrongIndex ? honest : liar
        const right = by.witness(posted.firstStep + BigInt(i))
        const section = sectionOf(posted, i)
        await refuses(scheme.prove!(game, section, receiverAddress, facts.id, right), 'RightStep')
      }
      const stranger = honest.witness(move.step + 1n)
      const malformed = scheme.prove!(game, move.section, receiverAddress, facts.id, stranger)
      await refuses(malformed, 'MalformedWitness', court.machine)
      for (const [where, which] of [
        [court.stranger.address, facts.id],
        [receiverAddress, id('other') as Hex],
      ]) {
        await refuses(scheme.prove!(game, move.section, where, which, witness), 'NotTheCase')
      }

      await receiver.setDeaf!(true)
      const unheard = scheme.prove!(game, move.section, receiverAddress, facts.id, witness)
      await refuses(unheard, 'Deaf', receiver)
      await receiver.setDeaf!(false)
      await court.time.setNextBlockTimestamp(deadlineOf(standing))
      const proof = (scheme.connect(court.stranger) as typeof scheme).prove!
      await expect(proof(game, move.section, receiverAddress, facts.id, witness))
        .to.emit(scheme, 'GameEnded')
        .withArgs(receiverAddress, facts.id, 0n, true)
      expect(await receiver.verdictOf!(facts.id)).to.equal(GUILTY)
      const again = proof(game, move.section, receiverAddress, facts.id, witness)
      await refuses(again, 'NotTheGame')
    })
  })

  describe('timeout', () => {
    it('makes a provider guilty that never defends, to the second', async () => {
      const { facts, ...standing } = await court.start(honest.contested)
      const { game } = standing
      const { scheme, receiver, receiverAddress } = court
      const { contested } = honest
      const types = ['bytes32', 'bytes32', 'uint64', 'uint32', 'uint8', 'uint64', 'bytes32']
      const hash = keccak256(
        court.ethers.AbiCoder.defaultAbiCoder().encode(types, [
          contested.programRoot,
          contested.input,
          contested.fuel,
          contested.outputMax,
          contested.status,
          contested.fuelUsed,
          contested.output,
        ]),
      )
      const end = () => scheme.timeout!(game, hash, receiverAddress, facts.id)
      await court.time.setNextBlockTimestamp(deadlineOf(standing) - 1n)
      await refuses(end(), 'ClockRuns').withArgs(game.id, deadlineOf(standing))
      await receiver.setDeaf!(true)
      await court.time.setNextBlockTimestamp(deadlineOf(standing))
      await refuses(end(), 'Deaf', receiver)
      await receiver.setDeaf!(false)
      await refuses(scheme.timeout!(game, hash, receiverAddress, id('other')), 'NotTheCase')
      await refuses(scheme.timeout!(game, id('other'), receiverAddress, facts.id), 'NotTheGame')
      await expect(end()).to.emit(scheme, 'GameEnded').withArgs(receiverAddress, facts.id, 0n, false)
      expect(await receiver.verdictOf!(facts.id)).to.equal(GUILTY)
      await refuses(end(), 'NotTheGame')
    })

    it('is the challenger’s loss on its turn, and leaves the case to its receiver', async () => {
      const { facts, ...standing } = await defended()
      const { game } = standing
      const args = [game, rootOf(standing), court.receiverAddress, facts.id] as const
      await court.time.setNextBlockTimestamp(deadlineOf(standing) - 1n)
      await refuses(court.scheme.timeout!(...args), 'ClockRuns')
      await court.time.setNextBlockTimestamp(deadlineOf(standing))
      await court.scheme.timeout!(...args)
      expect(await court.receiver.verdictOf!(facts.id)).to.equal(CLEAN)
      const ruleBy = BigInt(await court.time.latest()) + TIME
      await court.open({ ...facts, ruleBy })
      await refuses(court.scheme.timeout!(...args), 'NotTheGame')
    })
  })
})
