import { expect, it } from 'vitest'
import { decodeInput, encodeInput } from '../io/input.ts'
import { ALLOWED_IMPORTS } from '../pass/wasiSignatures.ts'
import { createImports } from './imports.ts'

it('has exactly the functions that a program is allowed to import', () => {
  const host = {
    write: () => {},
    charge: () => {},
    halt: () => expect.unreachable(),
    trap: () => expect.unreachable(),
    memory: () => undefined,
  }
  const imports = createImports(host, decodeInput(encodeInput()))
  const names = Object.entries(imports).flatMap(([from, calls]) =>
    Object.keys(calls).map((name) => `${from}.${name}`),
  )
  expect(names.sort()).toEqual([...ALLOWED_IMPORTS.keys()].sort())
})
