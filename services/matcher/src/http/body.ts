import express, { type Request, type RequestHandler } from 'express'

const raw = new WeakMap<object, Uint8Array>()

/** Reads JSON up to `limit` bytes and keeps its bytes, which a signed request is signed over. */
export function readJson(limit: number): RequestHandler {
  return express.json({
    limit,
    verify: (request, _, bytes) => void raw.set(request, new Uint8Array(bytes)),
  })
}

/** The bytes of the body, as they came. */
export function rawBody(request: Request): Uint8Array {
  return raw.get(request) ?? new Uint8Array()
}
