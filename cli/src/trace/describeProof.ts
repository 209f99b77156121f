import { toHex } from '@millrace/machine'
import { groupThousands } from '../format/groupThousands.ts'
import { pairs } from '../terminal/table.ts'
import type { CheckedProof } from './checkProof.ts'

/** @param written where the witness went, if it went to a file */
export function describeProof(proof: CheckedProof, written: string | undefined): string[] {
  const { witness, contract, unasked } = proof
  const count = (value: bigint | number) => groupThousands(String(value))
  return [
    '',
    ...pairs([
      ['proof', `${count(witness.length)} bytes; the verifier here comes to the same next state`],
      [
        'contract',
        contract ? `${contract.address} comes to it too, for ${count(contract.gas)} gas` : undefined,
      ],
      ['', contract && `as a whole transaction, by ${contract.rpc}`],
      ['contract', unasked && `not asked: ${unasked}`],
      ['witness', written ?? toHex(witness)],
    ]),
  ]
}

export function proofJson(proof: CheckedProof, written: string | undefined): Record<string, unknown> {
  const { state, next, witness, contract, unasked } = proof
  return {
    ...{ state, next, bytes: witness.length },
    ...(written === undefined ? { witness: toHex(witness) } : { written }),
    verified: true,
    contract: contract ?? null,
    unasked: unasked ?? null,
  }
}
