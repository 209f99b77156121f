import { escapeTerminal } from './escape.ts'

/** Rows in columns two spaces apart; the first row is the head. Cells are made safe for a terminal. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const safe = rows.map((row) => row.map(escapeTerminal))
  const widths = (safe[0] ?? []).map((_, column) => Math.max(...safe.map((row) => row[column]?.length ?? 0)))
  return safe.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  )
}

/** `name   value` lines, values below one another. */
export function pairs(entries: readonly (readonly [string, string | undefined])[]): string[] {
  const shown = entries.filter((entry): entry is [string, string] => entry[1] !== undefined)
  return table(shown.map(([name, value]) => [`${name}`, value]))
}

/** A hash or an address short enough for a table: `0x1234abcd…90ef`. */
export function shorten(hex: string): string {
  return hex.length > 16 ? `${hex.slice(0, 10)}…${hex.slice(-4)}` : hex
}
