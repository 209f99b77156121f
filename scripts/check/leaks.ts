// Nothing of one machine gets into the project, and no key does but those that say what they are.
import { type Check, lineOf } from './tree.ts'

/** Files whose name says that the keys in them are for development and known to the world. */
const KEYS_ARE_KNOWN = /development|fixture|(^|\/)vectors?\//i

interface Leak {
  readonly pattern: RegExp
  readonly what: string
  /** Whether a match in this file, with this text, is one in truth. */
  readonly counts?: (path: string, match: string) => boolean
}

const outsideFixtures = (path: string) => !KEYS_ARE_KNOWN.test(path)

const LEAKS: readonly Leak[] = [
  {
    pattern: /(?<![\w.:/$}*-])\/(?:work|root|home|Users)\/[\w.-]+/g,
    what: 'a path of one machine',
  },
  { pattern: /\bregistry\.[a-z\d-]+\.[a-z]{2,}/g, what: 'the address of a package registry' },
  { pattern: /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/g, what: 'a private key', counts: outsideFixtures },
  { pattern: /\b(?:test ){5,}\w+/g, what: 'a mnemonic', counts: outsideFixtures },
  {
    // Any 32 bytes could be a key; those beside a word that says so are taken for one.
    pattern: /(?:private|secret|signing)_?key\w*\W{1,12}(?:0x)?[\da-f]{64}\b/gi,
    what: 'a private key',
    counts: (path, match) => outsideFixtures(path) && !isPattern(match.slice(-64)),
  },
]

/** A value such as 0101…01 or 0…07 that nobody would take for a key of somebody's. */
function isPattern(hex: string): boolean {
  return new Set(hex.toLowerCase()).size <= 4
}

export const leaks: Check = (files) =>
  files.flatMap(({ path, text }) =>
    LEAKS.flatMap(({ pattern, what, counts = () => true }) =>
      [...text.matchAll(pattern)]
        .filter((match) => counts(path, match[0]))
        .map((match) => ({
          path,
          line: lineOf(text, match.index),
          message: `${what}: ${match[0].slice(0, 40)}`,
        })),
    ),
  )
