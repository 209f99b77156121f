/** A real HTTP server whose answers a test writes. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface TestServer {
  url: string
  /** Requests so far, as `GET /path`. */
  requests: string[]
  close(): Promise<void>
}

export type Answer = (
  request: IncomingMessage & { body: string; bytes: Buffer },
  response: ServerResponse,
) => unknown

export async function startServer(answer: Answer): Promise<TestServer> {
  const requests: string[] = []
  const server = createServer(async (request, response) => {
    requests.push(`${request.method} ${request.url}`)
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const bytes = Buffer.concat(chunks)
    try {
      await answer(Object.assign(request, { bytes, body: bytes.toString() }), response)
    } catch (error) {
      problem(response, 500, String(error))
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

export function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

export function problem(response: ServerResponse, status: number, code: string, retryable = false): void {
  const body = { type: 'about:blank', title: code, status, code, detail: `It is ${code}.`, facts: { a: '1' } }
  json(response, status, { ...body, remedy: 'Do something.', retryable })
}
