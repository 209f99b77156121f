import { expect, it } from 'vitest'
import { libraryNames } from '../link/library.ts'
import { ALLOWED_IMPORTS } from '../pass/wasiSignatures.ts'

it('has exactly the functions that a program is allowed to import', () => {
  expect(libraryNames().sort()).toEqual([...ALLOWED_IMPORTS.keys()].sort())
})
