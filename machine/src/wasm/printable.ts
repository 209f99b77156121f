/** The most characters of a stranger's name that an error repeats. */
const LENGTH = 80

/**
 * A name that a stranger chose, fit for errors and logs: what could steer a terminal or mislead a reader (control
 * characters, other scripts, changes of direction) is written as `\u{…}`, and a long name is cut.
 */
export function printable(name: string): string {
  // Cut before it is escaped: what is escaped takes up to ten times the room, and a name can fill a module.
  const escaped = name
    .slice(0, LENGTH + 1)
    .replace(/[^\x20-\x7e]/gu, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`)
  return escaped.length > LENGTH ? `${escaped.slice(0, LENGTH)}…` : escaped
}
