/**
 * Server-sent events over fetch: works in Node and in browsers, can be aborted, and says which event was last so
 * that nothing is missed when it comes back. Parses what it is given; what to do on a break is its caller's.
 */

export interface ServerSentEvent {
  id?: string
  event: string
  data: string
}

/** The events in a body, as they come. Ends where the body ends. */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerSentEvent> {
  const decoder = new TextDecoder()
  const reader = body.getReader()
  let rest = ''
  try {
    while (true) {
      const { value, done } = await reader.read()
      if (done) return
      rest += decoder.decode(value, { stream: true })
      // A carriage return at the end may be half of a line's end.
      const cut = rest.endsWith('\r') ? rest.length - 1 : rest.length
      const blocks = (rest.slice(0, cut).replace(/\r\n?/g, '\n') + rest.slice(cut)).split('\n\n')
      rest = blocks.pop()!
      for (const block of blocks) {
        const event = parseBlock(block)
        if (event) yield event
      }
    }
  } finally {
    await reader.cancel().catch(() => {})
  }
}

/** One event; undefined for a comment, which servers send to keep the line open. */
function parseBlock(block: string): ServerSentEvent | undefined {
  const event: ServerSentEvent = { event: 'message', data: '' }
  const data: string[] = []
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':')
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (field === 'data') data.push(value)
    else if (field === 'id') event.id = value
    else if (field === 'event') event.event = value
  }
  if (data.length === 0) return undefined
  event.data = data.join('\n')
  return event
}
