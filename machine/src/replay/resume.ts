/** How a function is compiled that goes on from a site: what of its code is passed over until there. */
import type { BodyValidator } from '../wasm/bodyValidator.ts'
import { OP } from '../wasm/opcodes.ts'
import { SITE, type Site } from './sites.ts'

/** A block around the site. */
interface Enclosing {
  /** Offset of its instruction. */
  readonly start: number
  /** Of an `if`: whether the site is behind its `else`. */
  isElse: boolean
}

/**
 * The code between the starts of the blocks around the site is guarded: passed over the first time. Blocks are entered
 * as they are; so a loop comes back to all of its code.
 */
export class Resume {
  readonly site: Site
  /** Address of what the frame holds. */
  readonly at: number
  isReached = false
  /** Control frames where a guard was opened, if one is. */
  guard: number | null = null
  /** Control frames within the `if` whose `else` is to be guarded next. */
  elseDepth = 0
  private readonly path: readonly Enclosing[]
  private entered = 0

  constructor(site: Site, at: number, walk: BodyValidator) {
    this.site = site
    this.at = at
    this.path = site.kind === SITE.entry ? [] : pathTo(site, walk)
  }

  /** Whether a label, seen from so many control frames, lies beyond the guard's own block. */
  isBeyondGuard(label: number, depth: number): boolean {
    return this.guard !== null && label >= depth - this.guard
  }

  isAt(kind: number, offset: number): boolean {
    return !this.isReached && this.site.kind === kind && this.site.offset === offset
  }

  /** The next block around the site, if it is the one at that offset. */
  enclosing(offset: number): Enclosing | null {
    const next = this.isReached ? undefined : this.path[this.entered]
    if (next?.start !== offset) return null
    this.entered++
    return next
  }
}

function pathTo(site: Site, walk: BodyValidator): Enclosing[] {
  const path: Enclosing[] = []
  walk.begin(site.functionIndex, true)
  while (!walk.done) {
    walk.next()
    const { op, start } = walk
    if (op === OP.block || op === OP.loop || op === OP.if) path.push({ start, isElse: false })
    if (start === site.offset) return path
    if (op === OP.else) path.at(-1)!.isElse = true
    if (op === OP.end) path.pop()
    walk.check()
  }
  throw new Error(`there is no site at offset ${site.offset}`)
}
