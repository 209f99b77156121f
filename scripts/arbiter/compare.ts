/** Where a contested result and a run of one's own differ, in a form that a person can read. */

import { commit, decodeOutput, type JobOutput } from '@millrace/machine'
import type { RunOutcome } from '@millrace/runner'
import { RESULT_STATUS, type Result } from '@millrace/sdk'

export interface Difference {
  readonly what:
    | 'status'
    | 'fuel'
    | 'output root'
    | 'exit code'
    | 'stdout'
    | 'stderr'
    | 'output'
    | 'files'
    | 'folders'
    | `file ${string}`
  readonly claimed: string
  readonly own: string
  /** The first byte that differs, in what was written. */
  readonly offset?: number
  /** Both sides around that byte. */
  readonly view?: readonly string[]
}

export interface Comparison {
  /** The result says exactly what the run says: all three of its fields. */
  readonly same: boolean
  readonly differences: readonly Difference[]
}

/**
 * Compares what was signed with what a run gave.
 *
 * @param output what the provider delivered, if its root is right: only the view of the difference needs it
 */
export function compare(claimed: Result, output: Uint8Array | undefined, own: RunOutcome): Comparison {
  const ownRoot = commit(own.output)
  const differences: Difference[] = []
  const add = (what: Difference['what'], claimedText: string, ownText: string) => {
    if (claimedText !== ownText) differences.push({ what, claimed: claimedText, own: ownText })
  }
  add('status', statusName(claimed.status), statusName(own.status))
  add('fuel', claimed.fuelUsed.toString(), own.fuelUsed.toString())
  add('output root', claimed.output, ownRoot)
  const same = differences.length === 0
  if (claimed.output !== ownRoot && output && commit(output) === claimed.output) {
    differences.push(...compareOutputs(output, own.output))
  }
  return { same, differences }
}

function compareOutputs(claimed: Uint8Array, own: Uint8Array): Difference[] {
  const theirs = decode(claimed)
  const ours = decode(own)
  // A provider can sign bytes that no machine writes: they are shown as they are.
  if (!theirs || !ours) return compareBytes('output', claimed, own)
  const exit: Difference[] =
    theirs.exitCode === ours.exitCode
      ? []
      : [{ what: 'exit code', claimed: String(theirs.exitCode), own: String(ours.exitCode) }]
  return [
    ...exit,
    ...compareBytes('stdout', theirs.stdout, ours.stdout),
    ...compareBytes('stderr', theirs.stderr, ours.stderr),
    ...compareFiles(theirs.files, ours.files),
    ...compareNames('folders', theirs.folders, ours.folders),
  ]
}

function decode(bytes: Uint8Array): JobOutput | undefined {
  try {
    return decodeOutput(bytes)
  } catch {
    return undefined
  }
}

/** Names that only one side has, and what differs in files that both have. */
function compareFiles(claimed: JobOutput['files'], own: JobOutput['files']): Difference[] {
  const shared = Object.keys(own).filter((path) => Object.hasOwn(claimed, path))
  return [
    ...compareNames('files', Object.keys(claimed), Object.keys(own)),
    ...shared.flatMap((path) => compareBytes(`file ${JSON.stringify(path)}`, claimed[path]!, own[path]!)),
  ]
}

function compareNames(
  what: 'files' | 'folders',
  claimed: readonly string[],
  own: readonly string[],
): Difference[] {
  const [theirs, ours] = [claimed, own].map((names) => JSON.stringify(names.toSorted()))
  return theirs === ours ? [] : [{ what, claimed: theirs!, own: ours! }]
}

function compareBytes(
  what: 'stdout' | 'stderr' | 'output' | `file ${string}`,
  claimed: Uint8Array,
  own: Uint8Array,
): Difference[] {
  const offset = firstDifference(claimed, own)
  if (offset === undefined) return []
  const printable = isPrintable(claimed) && isPrintable(own)
  const view = printable ? viewText(claimed, own, offset) : viewHex(claimed, own, offset)
  return [{ what, claimed: `${claimed.length} bytes`, own: `${own.length} bytes`, offset, view }]
}

/** The first byte in which two arrays differ; the shorter one's end counts as a difference. */
export function firstDifference(a: Uint8Array, b: Uint8Array): number | undefined {
  const shared = Math.min(a.length, b.length)
  for (let i = 0; i < shared; i++) if (a[i] !== b[i]) return i
  return a.length === b.length ? undefined : shared
}

const TAB = 9
const NEWLINE = 10

/** UTF-8 without control characters: what may go to a terminal as it is. */
function isPrintable(bytes: Uint8Array): boolean {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return false
  }
  for (const character of text) {
    const code = character.codePointAt(0)!
    if ((code < 32 && code !== TAB && code !== NEWLINE) || (code >= 127 && code < 160)) return false
  }
  return true
}

/** Characters of a line on each side, and lines before and after the one that differs. */
const WIDTH = 48
const AROUND = 2

/** Lines side by side; `|` stands between those that differ. */
function viewText(claimed: Uint8Array, own: Uint8Array, offset: number): string[] {
  const [left, right] = [claimed, own].map((bytes) => new TextDecoder().decode(bytes).split('\n'))
  const before = new TextDecoder().decode(own.subarray(0, Math.min(offset, own.length)))
  const line = before.split('\n').length - 1
  const rows: string[] = []
  for (let at = Math.max(0, line - AROUND); at <= line + AROUND; at++) {
    const [theirs, ours] = [left![at], right![at]]
    if (theirs === undefined && ours === undefined) break
    const mark = theirs === ours ? ' ' : '|'
    rows.push(`${String(at + 1).padStart(6)}  ${cell(theirs)} ${mark} ${cell(ours)}`.trimEnd())
  }
  return rows
}

function cell(text: string | undefined): string {
  if (text === undefined) return ' '.repeat(WIDTH)
  const tabless = text.replaceAll('\t', '  ')
  return (tabless.length > WIDTH ? `${tabless.slice(0, WIDTH - 1)}…` : tabless).padEnd(WIDTH)
}

/** Bytes in a row of the hexadecimal view, and rows from the one that differs on. */
const ROW = 16
const ROWS = 3

function viewHex(claimed: Uint8Array, own: Uint8Array, offset: number): string[] {
  const start = offset - (offset % ROW)
  return Array.from({ length: ROWS }, (_, row) => {
    const at = start + row * ROW
    const [theirs, ours] = [hexRow(claimed, at), hexRow(own, at)]
    const mark = theirs === ours ? ' ' : '|'
    return `${at.toString(16).padStart(8, '0')}  ${theirs.padEnd(3 * ROW)} ${mark} ${ours}`.trimEnd()
  })
}

function hexRow(bytes: Uint8Array, at: number): string {
  return [...bytes.subarray(at, at + ROW)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
}

function statusName(status: number): string {
  return RESULT_STATUS[status] ?? `unknown status ${status}`
}
