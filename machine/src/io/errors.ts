/** Bytes that are no canonical input or output, or a value that has no encoding. */
export class BadEncodingError extends Error {
  override readonly name = 'BadEncodingError'
  readonly code = 'bad-encoding'
  /** The same bytes are refused every time. */
  readonly retryable = false
  readonly remedy = 'Make the bytes with `encodeInput` or `encodeOutput` of this version of the machine.'
  /** The kind of bytes. */
  readonly kind: 'input' | 'output'
  /** What is wrong with them. */
  readonly reason: string
  /** Where, in bytes that were read. */
  readonly offset: number | undefined

  constructor(kind: 'input' | 'output', reason: string, offset?: number) {
    super(`Bad ${kind}${offset === undefined ? '' : ` at byte ${offset}`}: ${reason}.`)
    this.kind = kind
    this.reason = reason
    this.offset = offset
  }
}
