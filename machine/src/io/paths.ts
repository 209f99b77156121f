/** Rules for the paths in inputs and outputs. */
import { toUtf8 } from './bytes.ts'
import { lowerBound } from './lowerBound.ts'

/** As on Linux; it also bounds what a hostile path costs to check. */
export const MAX_PATH_BYTES = 4096

/** Without a leading `/`: names with one `/` between two, none of them `.` or `..`. */
export function isRelativePath(path: string): boolean {
  const bytes = toUtf8(path)
  if (!bytes || bytes.length > MAX_PATH_BYTES) return false
  return /^[^/\0]+(\/[^/\0]+)*$/.test(path) && !/(^|\/)\.\.?(\/|$)/.test(path)
}

/** Of different paths, one that others lie below. */
export function findAbove(paths: readonly string[]): string | undefined {
  const sorted = paths.toSorted()
  return sorted.find((path) => sorted[lowerBound(sorted, `${path}/`)]?.startsWith(`${path}/`))
}
