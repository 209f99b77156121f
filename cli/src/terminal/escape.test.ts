import { describe, expect, it } from 'vitest'
import { escapeBytes, escapeTerminal } from './escape.ts'
import { table } from './table.ts'

describe('escapeTerminal', () => {
  it.each([
    ['a colour', '\u001b[31mred', '\\x1b[31mred'],
    ['a window title', '\u001b]0;mine\u0007', '\\x1b]0;mine\\x07'],
    ['a one-byte sequence', '\u009b2J', '\\x9b2J'],
    ['a line written over', 'paid 1\rpaid 9', 'paid 1\\x0dpaid 9'],
    ['text turned round', 'a\u202eb', 'a\\u202eb'],
  ])('shows %s instead of obeying it', (_, text, shown) => expect(escapeTerminal(text)).toBe(shown))

  it('leaves ordinary text, new lines and tabs', () => {
    const text = 'Grüße, 世界 🙂\n\tindented'
    expect(escapeTerminal(text)).toBe(text)
  })

  it('takes bytes that are no text', () => expect(escapeBytes(Uint8Array.of(0xff, 0x1b))).toBe('\ufffd\\x1b'))

  it('guards the cells of a table', () =>
    expect(table([['name'], ['\u001b[2J']])).toEqual(['name', '\\x1b[2J']))
})
