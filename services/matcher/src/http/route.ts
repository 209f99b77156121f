/** A route as it stands in one table: what Express does and what /openapi.json says come from the same schemas. */
import type { Request, Response } from 'express'
import type { z } from 'zod'

export interface Route {
  method: 'get' | 'post' | 'put' | 'delete' | 'head'
  /** As in OpenAPI: `/v1/orders/{digest}`. */
  path: string
  summary: string
  params?: z.ZodObject
  query?: z.ZodObject
  /** Of the JSON body. */
  body?: z.ZodType
  /** Of the JSON answer, by status. */
  answers: Record<number, z.ZodType | string>
  /** Signed headers are wanted. */
  signed?: boolean
  handle(request: Handled, response: Response): Promise<void>
}

/** What is left of a request once it fits its schemas. */
export interface Handled {
  params: Record<string, never>
  query: Record<string, never>
  body: never
  raw: Request
}

/** Checks the types of one route's handler against its schemas; for the table they are all alike. */
export function route<
  P extends z.ZodObject = z.ZodObject,
  Q extends z.ZodObject = z.ZodObject,
  B extends z.ZodType = z.ZodType,
>(
  definition: Omit<Route, 'handle' | 'params' | 'query' | 'body'> & {
    params?: P
    query?: Q
    body?: B
    handle(
      request: { params: z.output<P>; query: z.output<Q>; body: z.output<B>; raw: Request },
      response: Response,
    ): Promise<void>
  },
): Route {
  return definition as unknown as Route
}

export async function runRoute(definition: Route, request: Request, response: Response): Promise<void> {
  const { params, query, body } = definition
  const handled = {
    params: params ? params.parse(request.params) : {},
    query: query ? query.parse(request.query) : {},
    body: body ? body.parse(request.body) : undefined,
    raw: request,
  }
  await definition.handle(handled as unknown as Handled, response)
}
