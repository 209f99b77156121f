import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { REFUSALS } from './refusals.ts'

const SOURCE = import.meta.dirname

/** `${what}-not-found` and `${part}-unavailable` are put together where they are thrown. */
const MADE = /-(not-found|unavailable)$/

it('has no code that nothing answers with; the compiler sees to it that none is missing', () => {
  const text = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !/\.test\.ts$|refusals\.ts$/.test(name))
    .map((name) => readFileSync(join(SOURCE, name), 'utf8'))
    .join('\n')
  const unused = Object.keys(REFUSALS).filter((code) => !MADE.test(code) && !text.includes(`'${code}'`))
  expect(unused).toEqual([])
})
