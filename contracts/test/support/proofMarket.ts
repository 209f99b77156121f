// Games of proof in the market as it is: leases, disputes, escrow, and the scheme over a machine that counts.
import { type Contract, ZeroAddress } from 'ethers'
import type { Side } from '../../../sdk/src/proof/game.ts'
import { countingMachine, type countingRun } from './countingRuns.ts'
import { claimOfOne, type Deal, deployMarket, earned, type Struct, schemeLeaf } from './market.ts'
import { standingAfter } from './proofGames.ts'

export type ProofMarket = Awaited<ReturnType<typeof deployProofMarket>>

export async function deployProofMarket() {
  const market = await deployMarket()
  const { ethers, disputes, addresses, send, provider, challenger } = market
  const machine = await countingMachine(ethers)
  const proofs = (await ethers.deployContract('ProofScheme', [
    await machine.getAddress(),
  ])) as unknown as Contract
  const leaf: Struct = {
    ...market.scheme,
    scheme: await proofs.getAddress(),
    arbiter: ZeroAddress,
    machineVersion: 3n,
  }
  const by = (side: Side) => proofs.connect(side === 'provider' ? provider : challenger) as Contract

  /** A lease that this run is a job of, and what its keys signed. */
  async function leaseOf(run: ReturnType<typeof countingRun>) {
    const { fuelUsed, output, status, ...job } = run.contested
    const ask = await market.askOf({
      schemes: schemeLeaf(leaf),
      maxFuel: 2n ** 50n,
      capacity: 2n ** 52n,
      price: 10n ** 6n,
      minFuel: 0n,
      collateral: 10n ** 13n,
    })
    const bid = await market.bidOf({
      scheme: schemeLeaf(leaf),
      fuel: 2n ** 50n,
      maxFuel: 2n ** 50n,
      collateral: 0n,
      minFuel: 0n,
    })
    const deal = await market.open(await market.pairOf(ask, bid, { scheme: leaf }))
    const ticket = await market.ticketOf(deal, 0n, { ...job, deadline: (await market.now()) + 3_600n })
    const result = { ticket: market.hash('Ticket', ticket), status, fuelUsed, output }
    const evidence = {
      ticket,
      ticketSignature: await market.sign(market.taskerKey, 'Ticket', ticket),
      result,
      resultSignature: await market.sign(market.providerKey, 'Result', result),
    }
    return { deal, evidence }
  }

  async function challenge({ terms }: Deal, evidence: Struct) {
    const receipt = await send(disputes, 'challenge', [terms, leaf, evidence], challenger)
    return { receipt, ...(await openedIn(terms, evidence, receipt)) }
  }

  /** The same of a claim that has this one result. */
  async function challengeLeaf({ terms }: Deal, { ticket, result }: Struct) {
    const claim = claimOfOne(market.hash('Result', result), earned(terms, result.fuelUsed))
    await send(market.leases, 'claim', [terms, claim], provider)
    const receipt = await send(
      disputes,
      'challengeLeaf',
      [terms, leaf, claim, ticket, result, []],
      challenger,
    )
    return { receipt, ...(await openedIn(terms, { result }, receipt)) }
  }

  async function openedIn(terms: Struct, { result }: Struct, receipt: Parameters<typeof standingAfter>[1]) {
    const dispute = {
      lease: market.hash('Terms', terms),
      index: 0n,
      result: market.hash('Result', result),
      challenger: challenger.address,
      bond: terms.bond,
      amount: earned(terms, result.fuelUsed),
      openedAt: await market.now(),
    }
    const types = ['bytes32', 'uint32', 'bytes32', 'address', 'uint96', 'uint96', 'uint40']
    const { AbiCoder, keccak256 } = ethers
    const caseId = keccak256(AbiCoder.defaultAbiCoder().encode(types, Object.values(dispute)))
    const heard = [addresses.disputes, caseId] as const
    return { dispute, heard, standing: standingAfter(proofs, receipt) }
  }

  const settle = ({ terms }: Deal, dispute: Struct) =>
    send(disputes, 'settle', [terms, leaf, dispute], challenger)

  return { ...market, proofs, leaf, by, leaseOf, challenge, challengeLeaf, settle }
}
