/** The EIP-712 domains: what a signature is good for, and nowhere else. */
import { type Address, encodeAbiParameters, type Hex, keccak256, stringToHex } from 'viem'

export interface Domain {
  readonly name: string
  readonly version: string
  readonly chainId: number
  readonly verifyingContract: Address
}

/** The domain of every document that contracts check: that of the lease book. */
export function documentDomain(chainId: number, leases: Address): Domain {
  return { name: 'Millrace', version: '1', chainId, verifyingContract: leases }
}

/** The domain of signed HTTP requests, so that none of them can pass for a document. */
export function requestDomain(chainId: number, leases: Address): Domain {
  return { name: 'Millrace Request', version: '1', chainId, verifyingContract: leases }
}

const DOMAIN_TYPE = keccak256(
  stringToHex('EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)'),
)

/** Separators are kept by their domain object: callers hold one object for a market. */
const separators = new WeakMap<Domain, Hex>()

export function domainSeparator(domain: Domain): Hex {
  const known = separators.get(domain)
  if (known) return known
  const separator = hashDomain(domain)
  separators.set(domain, separator)
  return separator
}

function hashDomain({ name, version, chainId, verifyingContract }: Domain): Hex {
  return keccak256(
    encodeAbiParameters(
      [
        { type: 'bytes32' },
        { type: 'bytes32' },
        { type: 'bytes32' },
        { type: 'uint256' },
        { type: 'address' },
      ],
      [
        DOMAIN_TYPE,
        keccak256(stringToHex(name)),
        keccak256(stringToHex(version)),
        BigInt(chainId),
        verifyingContract,
      ],
    ),
  )
}
