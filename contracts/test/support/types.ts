// The documents' EIP-712 types, written down from docs/PROTOCOL.md for ethers to hash: neither the contracts' own
// hashing nor the SDK's has a part in it.
import type { TypedDataField } from 'ethers'

/** `address account, uint96 price` → ethers' list of fields. */
function fields(text: string): TypedDataField[] {
  return text.split(',').map((field) => {
    const [type, name] = field.trim().split(' ') as [string, string]
    return { name, type }
  })
}

const Job = fields('bytes32 programRoot, bytes32 input, uint64 fuel, uint32 outputMax, uint40 deadline')

export const TYPES = {
  Ask: {
    Ask: fields(
      `address account, address key, address token, uint96 price, uint64 jobFuel, uint64 capacity, uint64 minFuel,
      uint64 maxFuel, uint96 collateral, uint96 retainer, uint96 claimFee, uint96 lateFee, uint32 memoryPages,
      uint40 maxLease, uint40 minGrace, uint40 maxWindow, uint40 maxDispute, bytes32 schemes, address feeTo,
      uint16 makerFee, uint16 takerFee, uint40 expiry, uint64 nonce`,
    ),
  },
  Bid: {
    Bid: fields(
      `address account, address key, address token, uint96 maxPrice, uint64 maxJobFuel, uint64 fuel, uint64 minFuel,
      uint64 maxFuel, uint96 collateral, uint96 maxRetainer, uint96 maxClaimFee, uint96 minLateFee,
      uint32 memoryPages, uint40 grace, uint40 window, uint40 disputeLimit, bytes32 scheme, uint96 bond, uint40 end,
      uint40 attemptTime, address store, address provider, address feeTo, uint16 makerFee, uint16 takerFee,
      uint8 attempts, bytes32 job, uint40 expiry, uint64 nonce`,
    ),
  },
  Terms: {
    Terms: fields(
      `bytes32 ask, bytes32 bid, uint64 seq, address tasker, address taskerKey, address provider,
      address providerKey, address token, uint96 price, uint64 jobFuel, uint64 fuel, uint64 maxFuel,
      uint96 collateral, uint96 retainer, uint96 claimFee, uint96 lateFee, uint96 bond, uint40 openedAt, uint40 end,
      uint40 grace, uint40 window, uint40 disputeLimit, bytes32 scheme, address store, bytes32 job,
      address taskerFeeTo, uint16 taskerFee, address providerFeeTo, uint16 providerFee`,
    ),
  },
  Job: { Job },
  Ticket: { Ticket: fields('bytes32 lease, uint32 index, Job job'), Job },
  Acceptance: { Acceptance: fields('bytes32 ticket') },
  Result: { Result: fields('bytes32 ticket, uint8 status, uint64 fuelUsed, bytes32 output') },
  Delivered: { Delivered: fields('bytes32 ticket, bytes32 output') },
  Voucher: { Voucher: fields('bytes32 lease, uint96 owed') },
  Close: { Close: fields('bytes32 lease, uint96 owed, uint40 until') },
} satisfies Record<string, Record<string, TypedDataField[]>>

export type DocumentName = keyof typeof TYPES
