import express, { type NextFunction, type Request, type RequestHandler } from 'express'
import { bodyTooLarge } from './problem.ts'

const raw = new WeakMap<object, Uint8Array>()

/** So many times the limit is read of a body that was refused already, for a client that reads when it has sent. */
const PATIENCE = 16

/** Reads JSON up to `limit` bytes and keeps its bytes, which a signed request is signed over. */
export function readJson(limit: number): RequestHandler {
  const read = express.json({
    limit,
    verify: (request, _, bytes) => void raw.set(request, new Uint8Array(bytes)),
  })
  return (request, response, next) => {
    let isDone = false
    const once: NextFunction = (error) => {
      if (isDone) return
      isDone = true
      next(error)
    }
    const isTooLong = request.is('json') && Number(request.get('content-length') ?? 0) > limit
    if (isTooLong) once(bodyTooLarge(limit))
    else read(request, response, once)
    // What is no JSON is its route's to read.
    if (isDone && !isTooLong) return
    // Express would read a body to its end before it refused it, be it endless.
    let size = 0
    request.on('data', (piece: Buffer) => {
      size += piece.length
      if (size > limit) once(bodyTooLarge(limit))
      if (size > PATIENCE * limit) request.destroy()
    })
  }
}

/** The bytes of the body, as they came. */
export function rawBody(request: Request): Uint8Array {
  return raw.get(request) ?? new Uint8Array()
}
