/** Text from a job's process, made fit for a terminal and a log: it may be a guest's. */

/** Control characters of ASCII and Latin-1 (0x9b begins an escape sequence too), marks that reorder text, line ends. */
const UNFIT = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu

export function escapeControls(text: string): string {
  return text.replace(UNFIT, (char) => `\\u${char.codePointAt(0)!.toString(16).padStart(4, '0')}`)
}

/** Bytes of a note: what a matcher takes. */
const NOTE_BYTES = 200

/** A short note in printable ASCII. */
export function toNote(text: string): string {
  return text
    .slice(0, NOTE_BYTES)
    .replace(/[^\x20-\x7e]/gu, (char) => `\\u{${char.codePointAt(0)!.toString(16)}}`)
    .slice(0, NOTE_BYTES)
}
