/**
 * EIP-712 structs, described once: the TypeScript type, the encoding, the hashes and the JSON schema of a
 * document all follow from one table of fields.
 *
 * The encoder is our own because it sits on the path of every job: all fields are static, so a struct is its
 * type hash and one 32-byte word a field, written in place and hashed by the machine's Wasm keccak, with none of
 * the general ABI encoder's work. `struct.test.ts` holds it to viem's `hashTypedData`.
 */
import { keccak256 } from '@millrace/machine'
import { bytesToHex, type Hex, hexToBytes } from 'viem'
import { type Domain, domainSeparator } from './domain.ts'

/** The field types that documents are made of. */
export type Atom =
  | 'address'
  | 'bytes32'
  | 'string'
  | 'uint8'
  | 'uint16'
  | 'uint32'
  | 'uint40'
  | 'uint64'
  | 'uint96'

export type Fields = { readonly [field: string]: Atom | Struct }

/** One EIP-712 struct. */
export interface Struct<F extends Fields = Fields> {
  readonly name: string
  readonly fields: F
}

type ValueOf<T> = T extends 'address' | 'bytes32'
  ? Hex
  : T extends 'string'
    ? string
    : T extends 'uint8' | 'uint16' | 'uint32'
      ? number
      : T extends 'uint40' | 'uint64' | 'uint96'
        ? bigint
        : T extends Struct<infer F>
          ? { [K in keyof F]: ValueOf<F[K]> }
          : never

/** The TypeScript value of a struct: bigint for integers above 32 bits, number for the others. */
export type DocumentOf<S extends Struct> = { -readonly [K in keyof S['fields']]: ValueOf<S['fields'][K]> }

/** Describes a struct; the order of the fields is the order in which they are hashed. */
export function defineStruct<const F extends Fields>(name: string, fields: F): Struct<F> {
  return { name, fields }
}

/** `Ticket(bytes32 lease,uint32 index,Job job)Job(…)`: the string whose hash is the type hash. */
export function encodeType(struct: Struct): string {
  const nested = new Map<string, Struct>()
  collectNested(struct, nested)
  const others = [...nested.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  return [struct, ...others].map(signatureOf).join('')
}

/** `hashStruct` of EIP-712. */
export function structHash<S extends Struct>(struct: S, document: DocumentOf<S>): Hex {
  return bytesToHex(hashWords(struct, document))
}

/** What is signed: the struct's hash under a domain. */
export function structDigest<S extends Struct>(struct: S, domain: Domain, document: DocumentOf<S>): Hex {
  const preimage = new Uint8Array(2 + 2 * WORD)
  preimage.set([0x19, 0x01])
  preimage.set(hexToBytes(domainSeparator(domain)), 2)
  preimage.set(hashWords(struct, document), 2 + WORD)
  return bytesToHex(keccak256(preimage))
}

/** The same document as wallets take it in `eth_signTypedData_v4`. */
export function typedDataOf<S extends Struct>(struct: S, domain: Domain, document: DocumentOf<S>): TypedData {
  const nested = new Map<string, Struct>([[struct.name, struct]])
  collectNested(struct, nested)
  const types = Object.fromEntries([...nested.values()].map((each) => [each.name, typedFields(each)]))
  return { domain, types, primaryType: struct.name, message: document as Record<string, unknown> }
}

/**
 * The document within a value that came out of an ABI decoder, which gives numbers up to 48 bits where
 * documents have bigint above 32, and checksummed addresses where documents are lower case.
 */
export function fromAbi<S extends Struct>(struct: S, value: object): DocumentOf<S> {
  const out: Record<string, unknown> = {}
  for (const [field, type] of Object.entries(struct.fields)) {
    const raw = (value as Record<string, unknown>)[field]
    if (typeof type !== 'string') out[field] = fromAbi(type, raw as object)
    else if (isWide(type)) out[field] = BigInt(raw as number | bigint)
    else if (type.startsWith('uint')) out[field] = Number(raw)
    else out[field] = type === 'string' ? raw : (raw as string).toLowerCase()
  }
  return out as DocumentOf<S>
}

/** True where the TypeScript value is a bigint. */
export function isWide(type: Atom): boolean {
  return bitsOf(type) > 32
}

/** Width of an unsigned integer; 0 for every other type. */
export function bitsOf(type: Atom): number {
  return type.startsWith('uint') ? Number(type.slice(4)) : 0
}

export interface TypedData {
  domain: Domain
  types: Record<string, { name: string; type: string }[]>
  primaryType: string
  message: Record<string, unknown>
}

const WORD = 32

const typeHashes = new WeakMap<Struct, Uint8Array>()

/** The type hash, made once for each struct. */
function typeHash(struct: Struct): Uint8Array {
  const known = typeHashes.get(struct)
  if (known) return known
  const hash = hashText(encodeType(struct))
  typeHashes.set(struct, hash)
  return hash
}

function hashText(text: string): Uint8Array {
  return keccak256(new TextEncoder().encode(text))
}

/** The type hash and a word for each field, hashed. */
function hashWords(struct: Struct, document: object): Uint8Array {
  const fields = Object.entries(struct.fields)
  const words = new Uint8Array(WORD * (1 + fields.length))
  words.set(typeHash(struct))
  let end = WORD
  for (const [field, type] of fields) {
    end += WORD
    const value = (document as Record<string, unknown>)[field]
    if (typeof type !== 'string') words.set(hashWords(type, value as object), end - WORD)
    else if (type === 'string') words.set(hashText(value as string), end - WORD)
    else if (type === 'address') putHex(words, end, value, 20, `${struct.name}.${field}`)
    else if (type === 'bytes32') putHex(words, end, value, 32, `${struct.name}.${field}`)
    else putInteger(words, end, value, bitsOf(type), `${struct.name}.${field}`)
  }
  return keccak256(words)
}

function collectNested(struct: Struct, into: Map<string, Struct>): void {
  for (const type of Object.values(struct.fields)) {
    if (typeof type === 'string' || into.has(type.name)) continue
    into.set(type.name, type)
    collectNested(type, into)
  }
}

function typedFields(struct: Struct): { name: string; type: string }[] {
  return Object.entries(struct.fields).map(([name, type]) => ({
    name,
    type: typeof type === 'string' ? type : type.name,
  }))
}

function signatureOf(struct: Struct): string {
  const fields = typedFields(struct).map(({ name, type }) => `${type} ${name}`)
  return `${struct.name}(${fields.join(',')})`
}

/** Writes hex so that it ends before `end`. */
function putHex(words: Uint8Array, end: number, value: unknown, bytes: number, where: string): void {
  if (typeof value !== 'string' || value.length !== 2 * bytes + 2 || !/^0x[0-9a-fA-F]+$/.test(value)) {
    throw new TypeError(`${where} must be ${bytes} bytes of 0x-hex, not ${String(value)}.`)
  }
  words.set(hexToBytes(value as Hex), end - bytes)
}

/** Writes an integer, big-endian, so that it ends before `end`. */
function putInteger(words: Uint8Array, end: number, value: unknown, bits: number, where: string): void {
  const whole = typeof value === 'bigint' || Number.isSafeInteger(value)
  if (!whole || BigInt(value as bigint) < 0n || BigInt(value as bigint) >> BigInt(bits)) {
    throw new TypeError(`${where} must be an integer from 0 to 2^${bits} - 1, not ${String(value)}.`)
  }
  const view = new DataView(words.buffer)
  view.setBigUint64(end - 8, BigInt.asUintN(64, BigInt(value as bigint)))
  if (bits > 64) view.setBigUint64(end - 16, BigInt(value as bigint) >> 64n)
}
