// A file past 500 lines says at its head why it is one.
import type { Check } from './tree.ts'

const LIMIT = 500
/** Lines from the top within which the reason stands: after a shebang, a licence and a pragma. */
const HEAD = 20

const isWritten = (path: string) =>
  /\.(ts|mjs|sol)$/.test(path) && !/\.gen\.ts$|(^|\/)(abi|assembly)\//.test(path)

export const length: Check = (files) =>
  files
    .filter(({ path, text }) => isWritten(path) && text.split('\n').length > LIMIT && !givesReason(text))
    .map(({ path, text }) => ({
      path,
      message: `${text.split('\n').length} lines: split it, or open it with a comment that says why it is long`,
    }))

function givesReason(text: string): boolean {
  const comments = text
    .split('\n')
    .slice(0, HEAD)
    .filter((line) => /^\s*(\/\/|\/?\*)/.test(line))
  return comments.some((line) => /\b(long|length|lines|one file)\b/i.test(line))
}
