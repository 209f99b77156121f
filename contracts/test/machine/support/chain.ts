// The machine as built for a chain, on a chain of its own.
import { type Contract, Interface } from 'ethers'
import { artifacts, network } from 'hardhat'
import { deployHelper } from './compile.ts'

export interface Question {
  readonly state: Uint8Array
  readonly witness: Uint8Array
}

export interface Answer {
  /** The next state's hash as hex digits, or the name of the error. */
  readonly next: string
  /** Of the call, from a contract that called before. */
  readonly gas: number
}

/** What stands for the next state where the witness is refused. */
export const MALFORMED = 'MalformedWitness'

export const hex = (bytes: Uint8Array): `0x${string}` => `0x${Buffer.from(bytes).toString('hex')}`

/** More take longer than as many calls: the chain keeps a trace of each. */
const STEPS_A_CALL = 100

export async function deployMachine() {
  const { ethers } = await network.create()
  const machine = (await ethers.deployContract('Machine')) as unknown as Contract
  const batch = await deployHelper(ethers, 'StepBatch', [await machine.getAddress()])
  const { abi } = await artifacts.readArtifact('Machine')
  const parsed = new Interface(abi)

  const encoded = ({ state, witness }: Question) => parsed.encodeFunctionData('step', [state, witness])

  /** Asks for many steps, each alone. */
  const step = async (questions: readonly Question[]): Promise<Answer[]> => {
    const all: Answer[] = []
    for (let from = 0; from < questions.length; from += STEPS_A_CALL) {
      const calls = questions.slice(from, from + STEPS_A_CALL).map(encoded)
      const [done, answers, gas] = await batch.getFunction('run')(calls)
      for (const [i, answer] of (answers as string[]).entries()) {
        const next = done[i] ? answer : (parsed.parseError(answer)?.name ?? `reverted with ${answer}`)
        all.push({ next, gas: Number(gas[i]) })
      }
    }
    return all
  }

  /** Gas of a whole transaction that asks for a step, as its receipt has it. */
  const transact = async (question: Question): Promise<number> => {
    const [signer] = await ethers.getSigners()
    const sent = await signer!.sendTransaction({ to: await machine.getAddress(), data: encoded(question) })
    const receipt = await sent.wait()
    return Number(receipt!.gasUsed)
  }
  return { ethers, machine, step, transact }
}
