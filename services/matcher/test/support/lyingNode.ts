/** A node between the matcher and the real one, whose answers a test can change. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { type Hex, keccak256 } from 'viem'

interface Question {
  readonly method: string
  readonly params: readonly unknown[]
}

/** What it answers to a question instead, given the true result; `undefined` passes that on. */
export type Lie = (question: Question, truth: unknown) => unknown

export interface LyingNode {
  readonly url: string
  /** From now on it lies so, or tells the truth. */
  lie(lie?: Lie): void
  /** From now on it answers nothing, until `lie` is called. */
  hang(): void
  /** Resolves when it was asked so often for the newest block from now on. */
  asked(times: number): Promise<void>
  stop(): Promise<void>
}

export async function startLyingNode(target: string): Promise<LyingNode> {
  let lie: Lie = () => undefined
  let hangs = false
  let heads = 0
  const answer = async (question: Question & { id: number }) => {
    if (question.method === 'eth_getBlockByNumber' && question.params[0] === 'latest') heads++
    const response = await fetch(target, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(question),
    })
    const truth = (await response.json()) as { result?: unknown }
    const told = lie(question, truth.result)
    return told === undefined ? truth : { jsonrpc: '2.0', id: question.id, result: told }
  }
  const reply = async (request: IncomingMessage, response: ServerResponse) => {
    const body = JSON.parse((await buffer(request)).toString())
    if (hangs) return
    const told = Array.isArray(body) ? await Promise.all(body.map(answer)) : await answer(body)
    response.setHeader('content-type', 'application/json').end(JSON.stringify(told))
  }
  // Either side may hang up in between, at a test's end for one: then there is nobody to answer.
  const server = createServer((request, response) => {
    reply(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    lie: (next = () => undefined) => {
      lie = next
      hangs = false
    },
    hang: () => {
      hangs = true
    },
    asked: async (times) => {
      const until = heads + times
      while (heads < until) await new Promise((resume) => setTimeout(resume, 10))
    },
    stop: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const isBlock = ({ method }: Question) => method.startsWith('eth_getBlockBy')
type Block = { number: Hex; hash: Hex; parentHash: Hex }

/** Blocks of another chain: every hash is another, and they hang together. */
export const anotherChain: Lie = (question, truth) => {
  if (question.method === 'eth_chainId') return '0x1'
  if (question.method === 'eth_getCode') return '0x'
  if (!isBlock(question) || !truth) return undefined
  const block = truth as Block
  return { ...block, hash: keccak256(block.hash), parentHash: keccak256(block.parentHash) }
}

/** The newest block with a hash that it does not have. */
export const wrongHash: Lie = (question, truth) =>
  question.method === 'eth_getBlockByNumber' && question.params[0] === 'latest'
    ? { ...(truth as Block), hash: keccak256((truth as Block).hash) }
    : undefined

/** `block` as the newest one, whatever came after it. */
export const oldHead =
  (block: unknown): Lie =>
  ({ method, params }) =>
    method === 'eth_getBlockByNumber' && params[0] === 'latest' ? block : undefined
