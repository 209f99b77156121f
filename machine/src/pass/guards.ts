/**
 * Decides which functions look at the depth of the stack, and for how much.
 *
 * Every cycle of calls passes a function that is *guarded*: one that takes part in a cycle through a table, or in
 * one of direct calls. Without the guarded ones calls form no cycle, so the frames that can stand on a guarded one
 * before the next guarded one (or before the end) are bounded when the program is built:
 *
 *     need  the most slots of unguarded frames that can stand upon it at once
 *     lead  the same for those ways alone that end in a guarded function, which is more frames still
 *
 * A guarded function takes its own slots and `lead`, and goes on only if `need` − `lead` are left. So the slots taken
 * are never fewer than those in use by frames below a guarded one, and those above the last one fit as well.
 */
import { STACK_SLOTS } from './abi.ts'
import { components, rowsOf } from './components.ts'

/** A way of unguarded frames that leads to a guarded one is cut by a guard once it holds so many slots. */
const LEAD_SLOTS = 256

const NOWHERE = -1

export interface Guard {
  /** Slots taken. */
  readonly take: number
  /** Slots that must be left then. */
  readonly floor: number
}

export interface Calls {
  readonly functions: number
  readonly types: number
  /** Direct calls, by pairs. */
  readonly direct: { readonly from: readonly number[]; readonly to: readonly number[] }
  /** Calls through a table, by function and type. */
  readonly indirect: { readonly from: readonly number[]; readonly type: readonly number[] }
  /** Functions that a table or a reference may hold, and their types. */
  readonly taken: readonly number[]
  readonly typeOf: ArrayLike<number>
  /** By function: slots of its frame. */
  readonly slots: ArrayLike<number>
  /** Functions that whoever runs the program may call by themselves. */
  readonly exposed: readonly number[]
}

export interface Guards {
  /** By function. */
  readonly of: readonly (Guard | null)[]
  /** For code that calls these and is called by nothing. */
  entry(calls: readonly number[]): Guard
}

export function guard(calls: Calls): Guards {
  const { functions, direct, indirect, taken, typeOf, slots } = calls
  const vertices = functions + calls.types
  const from = [...direct.from, ...indirect.from, ...taken.map((index) => functions + typeOf[index]!)]
  const to = [...direct.to, ...indirect.type.map((type) => functions + type), ...taken]
  const rows = rowsOf(vertices, from, to, from.length)

  const guarded = new Uint8Array(vertices)
  const anyWay = components(rows, () => false)
  for (const index of taken) if (anyWay.cyclic[index]) guarded[index] = 1
  for (const index of calls.exposed) if (slots[index]! > 0) guarded[index] = 1
  const directly = components(rows, (v) => guarded[v] === 1)
  for (let v = 0; v < functions; v++) if (directly.cyclic[v]) guarded[v] = 1

  const need = new Float64Array(vertices)
  const lead = new Float64Array(vertices).fill(NOWHERE)
  const look = (successors: Iterable<number>) => {
    let needed = 0
    let led = NOWHERE
    for (const w of successors) {
      if (guarded[w]) led = Math.max(led, 0)
      else {
        needed = Math.max(needed, need[w]!)
        led = Math.max(led, lead[w]!)
      }
    }
    return { needed, led }
  }
  const successors = (v: number) => rows.next.subarray(rows.first[v]!, rows.first[v + 1]!)

  for (const v of components(rows, (vertex) => guarded[vertex] === 1).order) {
    if (guarded[v]) continue
    const { needed, led } = look(successors(v))
    const own = v < functions ? slots[v]! : 0
    need[v] = own + needed
    lead[v] = led === NOWHERE ? NOWHERE : own + led
    if (v < functions && lead[v]! > LEAD_SLOTS) guarded[v] = 1
  }
  const guardOver = (own: number, next: Iterable<number>): Guard => {
    const { needed, led } = look(next)
    const reserved = Math.max(led, 0)
    // One more than all of them is as good as any number that is never left.
    return { take: own + reserved, floor: Math.min(Math.max(0, needed - reserved), STACK_SLOTS + 1) }
  }
  return {
    of: Array.from({ length: functions }, (_, v) =>
      guarded[v] ? guardOver(slots[v]!, successors(v)) : null,
    ),
    entry: (called) => guardOver(0, called),
  }
}
