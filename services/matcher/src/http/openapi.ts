/** /openapi.json, made from the routes and their schemas. */
import { problemSchema, requestHeadersSchema } from '@millrace/sdk/api'
import { z } from 'zod'
import type { Route } from './route.ts'

type Json = Record<string, unknown>

export function openApi(routes: readonly Route[], version: string): Json {
  const schemas: Json = {}
  const paths: Record<string, Json> = {}
  for (const definition of routes) {
    const { path, method } = definition
    paths[path] = { ...paths[path], [method]: operation(definition, schemas) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Millrace matcher',
      version,
      description:
        'Amounts are decimal strings in base units of the token beside them. Errors are problem+json with a stable code.',
    },
    paths,
    components: { schemas },
  }
}

function operation({ summary, params, query, body, answers, signed }: Route, schemas: Json): Json {
  const parameters = [
    ...parametersOf('path', params, schemas),
    ...parametersOf('query', query, schemas),
    ...(signed ? parametersOf('header', requestHeadersSchema, schemas) : []),
  ]
  const responses = Object.fromEntries(
    Object.entries(answers).map(([status, answer]) => [status, response(answer, schemas)]),
  )
  const problem = { 'application/problem+json': { schema: jsonSchema(problemSchema, schemas) } }
  return {
    summary,
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: { required: true, content: json(body, schemas) } }),
    responses: {
      ...responses,
      default: { description: 'What went wrong, and what to do.', content: problem },
    },
  }
}

function response(answer: z.ZodType | string, schemas: Json): Json {
  if (typeof answer === 'string') return { description: answer }
  return { description: answer.meta()?.id ?? 'The answer.', content: json(answer, schemas) }
}

function json(schema: z.ZodType, schemas: Json): Json {
  return { 'application/json': { schema: jsonSchema(schema, schemas) } }
}

function parametersOf(place: string, schema: z.ZodObject | undefined, schemas: Json): Json[] {
  return Object.entries(schema?.shape ?? {}).map(([name, field]) => ({
    name,
    in: place,
    required: place === 'path' || !(field as z.ZodType).safeParse(undefined).success,
    schema: jsonSchema(field as z.ZodType, schemas),
  }))
}

/** The wire's schema; parts with an id go to the components and are referred to. */
function jsonSchema(schema: z.ZodType, schemas: Json): Json {
  const { $defs, $schema, ...own } = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    target: 'draft-2020-12',
  }) as Json & { $defs?: Json }
  for (const [id, part] of Object.entries($defs ?? {})) schemas[id] = moved(part)
  const { id, ...rest } = moved(own) as Json
  if (typeof id !== 'string') return rest
  schemas[id] = rest
  return { $ref: `#/components/schemas/${id}` }
}

function moved(part: unknown): unknown {
  return JSON.parse(JSON.stringify(part).replaceAll('"#/$defs/', '"#/components/schemas/'))
}
