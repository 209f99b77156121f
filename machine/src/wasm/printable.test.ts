import { expect, it } from 'vitest'
import { printable } from './printable.ts'

it('escapes what is not printable ASCII', () => {
  expect(printable('a\u001b[2J\u202eé😀')).toBe('a\\u{1b}[2J\\u{202e}\\u{e9}\\u{1f600}')
})

it('cuts a long name', () => {
  expect(printable('x'.repeat(80))).toBe('x'.repeat(80))
  expect(printable('x'.repeat(81))).toBe(`${'x'.repeat(80)}…`)
})

it('takes a name whose escaped form no string could hold', () => {
  expect(printable('\u{7f}'.repeat(100_000_000))).toBe(`${'\\u{7f}'.repeat(13)}\\u…`)
})
