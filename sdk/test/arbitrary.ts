/** Random documents for property tests, from the same tables that the documents are made of. */
import fc from 'fast-check'
import { bitsOf, type DocumentOf, isWide, type Struct } from '../src/documents/struct.ts'

export function arbitraryOf<S extends Struct>(struct: S): fc.Arbitrary<DocumentOf<S>> {
  const fields = Object.entries(struct.fields).map(([field, type]) => {
    if (typeof type !== 'string') return [field, arbitraryOf(type)] as const
    if (type === 'string') return [field, fc.string({ unit: 'binary' })] as const
    if (type === 'address' || type === 'bytes32') return [field, hex(type === 'address' ? 20 : 32)] as const
    const max = 2n ** BigInt(bitsOf(type)) - 1n
    const wide = fc.bigInt({ min: 0n, max })
    return [field, isWide(type) ? wide : wide.map(Number)] as const
  })
  return fc.record(Object.fromEntries(fields)) as unknown as fc.Arbitrary<DocumentOf<S>>
}

export function hex(bytes: number): fc.Arbitrary<`0x${string}`> {
  return fc
    .uint8Array({ minLength: bytes, maxLength: bytes })
    .map((value) => `0x${Buffer.from(value).toString('hex')}` as const)
}
