import { resultSubmissionSchema } from '@millrace/sdk/api'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { escapeControls, toNote } from './printable.ts'

it.each([
  ['\u001b[2J\u001b]0;owned\u0007', '\\u001b[2J\\u001b]0;owned\\u0007'],
  ['\u009b31m', '\\u009b31m'],
  ['line\r\nline', 'line\\u000d\\u000aline'],
  ['\u202eexe.txt', '\\u202eexe.txt'],
  ['plain, “quoted”, ünïcode 🙂', 'plain, “quoted”, ünïcode 🙂'],
])('%j', (text, fit) => expect(escapeControls(text)).toBe(fit))

it('makes a note that a matcher takes of any text', () => {
  expect(toNote('unreachable')).toBe('unreachable')
  expect(toNote('\u001b[2J\u202eé\n')).toBe('\\u{1b}[2J\\u{202e}\\u{e9}\\u{a}')
  const { trap } = resultSubmissionSchema.shape
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 500 }), (text) => {
      expect(trap.safeParse(toNote(text)).success).toBe(true)
    }),
  )
})
