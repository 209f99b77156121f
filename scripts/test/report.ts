// How the outcome is shown to a person: failures with their words, then a table.
import type { Tally } from './tally.ts'

/** Characters of one failure's message that are shown. */
const SHOWN = 4_000

export function failureReport(tallies: readonly Tally[]): string {
  return tallies
    .flatMap(({ failures }) => failures)
    .map(({ name, message }) => `✗ ${name}\n${indent(message.slice(0, SHOWN))}\n`)
    .join('\n')
}

const indent = (text: string) => text.replace(/^/gm, '    ')

export function summaryTable(tallies: readonly Tally[]): string {
  const head = ['runner', 'part', 'passed', 'failed', 'skipped', 'seconds']
  const rows = tallies.map((tally) => [
    tally.runner,
    tally.part,
    String(tally.passed),
    String(tally.failures.length),
    String(tally.skipped),
    tally.seconds.toFixed(1),
  ])
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]!.length)),
  )
  return [head, ...rows]
    .map((row) =>
      row
        // Words to the left, numbers to the right.
        .map((cell, column) => (column < 2 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
