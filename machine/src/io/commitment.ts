/**
 * The name of a blob of data: an input, an output, a file.
 *
 * `keccak256(abi.encode(bytes32 tag, uint256 length, bytes32 root))`, 96 bytes, where
 * `tag = keccak256("millrace.data.v1")`, `length` is the number of bytes, big-endian in 32 bytes, and `root` is
 * the Merkle root of `merkle.ts`. The length is bound because the tree pads with zeros: bytes that differ only
 * in trailing zeros have one root, but two commitments.
 */
import { type Hex, keccak256, keccakOfText, toHex } from './hash.ts'
import { LEAF_BYTES, merkleRoot } from './merkle.ts'

const DATA_TAG = keccakOfText('millrace.data.v1')

/** Commits to `bytes`: the `input` of a job, the `output` of a result. */
export function commit(bytes: Uint8Array): Hex {
  const preimage = new Uint8Array(3 * LEAF_BYTES)
  preimage.set(DATA_TAG)
  new DataView(preimage.buffer).setBigUint64(2 * LEAF_BYTES - 8, BigInt(bytes.length))
  preimage.set(merkleRoot(bytes), 2 * LEAF_BYTES)
  return toHex(keccak256(preimage))
}
