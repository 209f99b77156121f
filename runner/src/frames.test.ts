import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BadFrameError, encodeHead, FrameReader, MAX_HEAD_BYTES } from './frames.ts'

const frame = (head: object, body: Uint8Array) => Buffer.concat([encodeHead(head, body.length), body])

describe('FrameReader', () => {
  it('puts frames together however the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ text: fc.string(), body: fc.uint8Array({ maxLength: 60 }) }), { maxLength: 5 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
        (messages, cuts) => {
          const stream = Buffer.concat(messages.map(({ text, body }) => frame({ text }, body)))
          const reader = new FrameReader(60)
          const found = []
          for (let at = 0, i = 0; at < stream.length; i++) {
            const length = cuts[i % cuts.length]!
            found.push(...reader.push(stream.subarray(at, at + length)))
            at += length
          }
          expect(found.map(({ head, body }) => ({ text: head.text, body: [...body] }))).toEqual(
            messages.map(({ text, body }) => ({ text, body: [...body] })),
          )
        },
      ),
    )
  })

  it('keeps nothing of the chunks that it is given', () => {
    const reader = new FrameReader(3)
    const stream = frame({ text: 'a' }, Uint8Array.of(1, 2, 3))
    const cut = stream.length - 2
    const [first, second] = [Uint8Array.from(stream.subarray(0, cut)), Uint8Array.from(stream.subarray(cut))]
    expect(reader.push(first)).toEqual([])
    first.fill(0)
    const [found] = reader.push(second)
    second.fill(0)
    expect(found).toEqual({ head: { text: 'a' }, body: Uint8Array.of(1, 2, 3) })
    expect(found!.body.buffer.byteLength).toBe(3)
  })

  it('refuses a body over the limit before it came', () => {
    const reader = new FrameReader(10)
    expect(() => reader.push(encodeHead({}, 11))).toThrow(BadFrameError)
  })

  it('refuses a head over the limit before it came', () => {
    const prefix = new Uint8Array(8)
    new DataView(prefix.buffer).setUint32(0, MAX_HEAD_BYTES + 1, true)
    expect(() => new FrameReader(10).push(prefix)).toThrow(BadFrameError)
  })

  it.each(['nonsense', '[1]', 'null', '3'])('refuses the head %s', (text) => {
    const bytes = new Uint8Array(8 + text.length)
    new DataView(bytes.buffer).setUint32(0, text.length, true)
    bytes.set(new TextEncoder().encode(text), 8)
    expect(() => new FrameReader(0).push(bytes)).toThrow(BadFrameError)
  })
})
