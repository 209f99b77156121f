import { expect, it } from 'vitest'
import { escapeControls } from './printable.ts'

it.each([
  ['\u001b[2J\u001b]0;owned\u0007', '\\u001b[2J\\u001b]0;owned\\u0007'],
  ['\u009b31m', '\\u009b31m'],
  ['line\r\nline', 'line\\u000d\\u000aline'],
  ['\u202eexe.txt', '\\u202eexe.txt'],
  ['plain, “quoted”, ünïcode 🙂', 'plain, “quoted”, ünïcode 🙂'],
])('%j', (text, fit) => expect(escapeControls(text)).toBe(fit))
