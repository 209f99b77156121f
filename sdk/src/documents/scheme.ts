/** Who judges a dispute: one leaf of the tree that an ask accepts and of which a bid names one. */
import { type Address, encodeAbiParameters, type Hex, keccak256 } from 'viem'

import { proofIn, schemeTree } from './schemeTree.ts'
import { type DocumentOf, defineStruct } from './struct.ts'

export const schemeStruct = defineStruct('Scheme', {
  scheme: 'address', // implements IDisputeScheme
  arbiter: 'address', // whom the scheme asks; 0 where it asks nobody
  arbiterFee: 'uint96', // paid by the loser, base units of the lease's token
  machineVersion: 'uint32',
  taskerShare: 'uint16', // of a slash, basis points
  winnerShare: 'uint16', // at most 1,000; what is left, at least 2,000, is burned
})

/** Who judges, for what, and how a slashed collateral is split. */
export type Scheme = DocumentOf<typeof schemeStruct>

/** OpenZeppelin's standard leaf: the hash of the hash of the ABI encoding. */
export function schemeLeaf(scheme: Scheme): Hex {
  const encoded = encodeAbiParameters(
    Object.entries(schemeStruct.fields).map(([name, type]) => ({ name, type })),
    Object.keys(schemeStruct.fields).map((field) => scheme[field as keyof Scheme] as Address),
  )
  return keccak256(keccak256(encoded))
}

/** Root over the schemes that an ask accepts. Their order does not matter. */
export function schemesRoot(schemes: readonly Scheme[]): Hex {
  return schemeTree(schemes.map(schemeLeaf))[0]!
}

/** The siblings that show `scheme` to be among `schemes`. Throws where it is not. */
export function schemeProof(schemes: readonly Scheme[], scheme: Scheme): Hex[] {
  return proofIn(schemeTree(schemes.map(schemeLeaf)), schemeLeaf(scheme))
}
