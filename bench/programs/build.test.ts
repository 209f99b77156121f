import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { BUILDS } from './build.ts'
import { PROGRAMS } from './catalog.ts'

/** A compiler runs seconds for each: an ordinary run takes one of each language. */
const deep = Boolean(process.env.MILLRACE_DEEP)
const rebuilt = Object.entries(BUILDS).filter(([name]) => deep || ['sort', 'life'].includes(name))

describe('modules', () => {
  it.each(rebuilt)('%s is what its source compiles to, to the byte', async (name, build) => {
    const committed = await readFile(new URL(`${name}.wasm`, import.meta.url))
    expect(Buffer.from(await build()).equals(committed)).toBe(true)
  })

  it('are all measured', () => {
    const measured = PROGRAMS.map(({ name }) => name)
    expect(measured).toEqual(expect.arrayContaining(Object.keys(BUILDS)))
  })
})
