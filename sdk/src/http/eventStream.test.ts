import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readEvents, type ServerSentEvent } from './eventStream.ts'

async function read(...chunks: Uint8Array[]): Promise<ServerSentEvent[]> {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk)
      controller.close()
    },
  })
  const events: ServerSentEvent[] = []
  for await (const event of readEvents(body)) events.push(event)
  return events
}

const bytes = (text: string) => new TextEncoder().encode(text)

describe('readEvents', () => {
  it('reads id, type and data of several lines', async () => {
    const text = 'id: 7\nevent: job.result\ndata: one\ndata:two\n\nretry: 5\ndata\n\n'
    expect(await read(bytes(text))).toEqual([
      { id: '7', event: 'job.result', data: 'one\ntwo' },
      { event: 'message', data: '' },
    ])
  })

  it('passes over comments, unknown fields and what was not finished', async () => {
    expect(await read(bytes(': still here\n\ncolour: red\n\ndata: yes\n\nid: 9\ndata: cut o'))).toEqual([
      { event: 'message', data: 'yes' },
    ])
  })

  it('gives the same wherever the bytes are cut, with every end of line', async () => {
    const lines = ['id: 1', 'data: grüße 💶', '', ': comment', '', 'id: 2', 'data: a', 'data: b', '', '']
    const cases = fc.tuple(fc.constantFrom('\n', '\r\n', '\r'), fc.array(fc.nat(200)))
    const expected = [
      { id: '1', event: 'message', data: 'grüße 💶' },
      { id: '2', event: 'message', data: 'a\nb' },
    ]
    await fc.assert(
      fc.asyncProperty(cases, async ([newline, places]) => {
        // What follows keeps a lone carriage return at the very end from being half of a line's end.
        const all = bytes(`${lines.join(newline)}: end`)
        const cuts = [0, ...places.map((at) => at % all.length).sort((a, b) => a - b), all.length]
        const chunks = cuts.slice(1).map((end, at) => all.slice(cuts[at], end))
        expect(await read(...chunks)).toEqual(expected)
      }),
    )
  })
})
