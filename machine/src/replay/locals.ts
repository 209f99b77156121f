/** Locals of the function that is compiled: those of the program's function, the steps left, and what is added. */
import type { BodyValidator } from '../wasm/bodyValidator.ts'
import type { Writer } from '../wasm/writer.ts'

export interface TypedLocal {
  readonly local: number
  readonly type: number
}

export class Locals {
  /** The local of the steps left. */
  left = 0
  private readonly walk: BodyValidator
  /** Where those of parameters and those of locals begin. */
  private firstParam = 0
  private firstLocal = 0
  /** Types of those that are no parameters. */
  private types: number[] = []
  private readonly named = new Map<string, number>()

  constructor(walk: BodyValidator) {
    this.walk = walk
  }

  /** For a function of the program: the steps left are one more parameter, if it counts. */
  begin(counts: boolean): void {
    const params = this.walk.type.params.length
    this.firstParam = 0
    this.left = params
    this.firstLocal = counts ? params + 1 : params
    this.start(this.walk.locals.subarray(params, this.walk.localCount))
  }

  /** For one that goes on from a site: the steps left are the only parameter. */
  beginFrom(): void {
    this.firstParam = 1
    this.left = 0
    this.firstLocal = 1 + this.walk.type.params.length
    this.start(this.walk.locals.subarray(0, this.walk.localCount))
  }

  private start(types: Uint8Array): void {
    this.types = [...types]
    this.named.clear()
  }

  /** Of a local of the program. */
  index(local: number): number {
    const params = this.walk.type.params.length
    return local < params ? this.firstParam + local : this.firstLocal + local - params
  }

  add(type: number): number {
    const first = this.firstParam === 0 ? this.firstLocal : this.firstParam
    return first + this.types.push(type) - 1
  }

  /** One to work in, the same for equal names and types. */
  scratch(name: string, type: number): number {
    const key = `${name} ${type}`
    let local = this.named.get(key)
    if (local === undefined) {
      local = this.add(type)
      this.named.set(key, local)
    }
    return local
  }

  /** Parameters and locals of the program's function. */
  *ofFrame(): Generator<TypedLocal> {
    const { locals, localCount } = this.walk
    for (let i = 0; i < localCount; i++) yield { local: this.index(i), type: locals[i]! }
  }

  /** Writes their declaration. */
  write(code: Writer): void {
    const groups: { type: number; count: number }[] = []
    for (const type of this.types) {
      const last = groups.at(-1)
      if (last?.type === type) last.count++
      else groups.push({ type, count: 1 })
    }
    code.u32(groups.length)
    for (const { type, count } of groups) {
      code.u32(count)
      code.u8(type)
    }
  }
}
