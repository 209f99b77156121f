/**
 * Makes text from strangers safe to print on a terminal: control characters, which could move the cursor, change
 * the title or hide what stands before them, become visible escapes. New lines and tabs stay. What is piped is never
 * passed through here.
 */
export function escapeTerminal(text: string): string {
  // C0 but for \t and \n, DEL, C1 (0x9b alone begins a sequence), and the marks that reverse the direction of text.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is the point
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, escapeCharacter)
}

function escapeCharacter(character: string): string {
  const point = character.codePointAt(0)!
  return point < 0x100 ? `\\x${point.toString(16).padStart(2, '0')}` : `\\u${point.toString(16)}`
}

/** The same for bytes: what is not UTF-8 shows as the replacement character. */
export function escapeBytes(bytes: Uint8Array): string {
  return escapeTerminal(new TextDecoder().decode(bytes))
}
