/** Compiled code at work on the memories of an interpreter's machine. */
import { REGISTER } from '../interpret/layout.ts'
import type { StepMachine } from '../interpret/stepMachine.ts'
import { STATE } from '../pass/abi.ts'
import { HostAbortError } from '../run/errors.ts'
import { KIND } from '../wasm/module.ts'
import { OP } from '../wasm/opcodes.ts'
import type { CompiledReplay } from './compileReplay.ts'
import { type Frame, Frames, type Place } from './frames.ts'
import { SLOT_BYTES } from './records.ts'
import type { Version } from './version.ts'

const PAGE_BYTES = 65_536

/** How compiled code ended. */
export type Outcome =
  | { readonly kind: 'stopped' }
  /** In a place where the machine may have other bits; they are the machine's where each NaN is made canonical. */
  | { readonly kind: 'raw NaN' }
  /** The engine's stack was too small, or another limit of its own too narrow. */
  | { readonly kind: 'refused' }
  /** With so many steps left when it last looked. */
  | { readonly kind: 'trapped'; readonly left: bigint }

type GoOn = (left: bigint) => bigint

export class CompiledRun {
  readonly version: Version
  readonly #compiled: CompiledReplay
  readonly #machine: StepMachine
  readonly #exports: WebAssembly.Exports
  readonly #imports: WebAssembly.Imports
  /** By function that can be referred to: its reference. And the other way. */
  readonly #references: Map<unknown, bigint>
  readonly #frames: Frames
  readonly #goOn = new Map<number, GoOn>()

  constructor(version: Version, machine: StepMachine) {
    const { compiled } = version
    this.version = version
    this.#compiled = compiled
    this.#machine = machine
    const { memories } = machine
    this.#references = new Map<unknown, bigint>([[null, 0n]])
    const functions = new Map<bigint, unknown>([[0n, null]])
    this.#imports = {
      guest: { ...memories.guests } as unknown as WebAssembly.ModuleImports,
      host: {
        slotOf: (reference: unknown) => this.#references.get(reference)!,
        referenceOf: (slot: bigint) => functions.get(slot)!,
        input_read: (to: number, offset: number, length: number) => {
          const from = offset >>> 0
          memories.guest(1).set(memories.input.subarray(from, from + (length >>> 0)), to >>> 0)
        },
        output_write: (from: number, length: number) => {
          memories.output.append(memories.guest(1).subarray(from >>> 0, (from >>> 0) + (length >>> 0)))
          this.#setGlobal('outputLength', BigInt(memories.output.length))
        },
      } as WebAssembly.ModuleImports,
    }
    this.#exports = instantiate(version.module, this.#imports)
    for (const [index, reference] of compiled.references) {
      const found = this.#exports[`${KIND.function} ${index}`]
      this.#references.set(found, reference)
      functions.set(reference, found)
    }
    this.#frames = new Frames(compiled.sites, compiled.siteCount, memories.slots)
  }

  /**
   * Goes on, from a site, for so many steps or to a place soon after.
   *
   * @returns nothing where the machine is at no site, and nothing was done
   */
  run(budget: bigint): Outcome | undefined {
    const { pc, fp, aux } = this.#machine.registers
    // Within an instruction, which cannot be begun again.
    if (aux !== 0) return undefined
    const frames = this.#frames.read(pc, fp)
    if (!frames) return undefined
    let left = budget
    let place: Place | undefined
    try {
      const goOn = frames.map(({ number }) => this.#from(number))
      this.#restore(budget)
      for (const [i, frame] of frames.entries()) {
        this.#frames.load(frame, this.#record(frame))
        left = goOn[i]!(left + BigInt(frame.site.pending))
        if (this.#global('stopped')) {
          place = this.#frames.write(this.#written(), frame)
          left = this.#global('left') as bigint
          break
        }
        const results = this.#frames.takeResults(frame, this.#record(frame))
        place = { ...results, pc: Number(frame.link & 0xffffffffn), fp: Number(frame.link >> 32n) }
        if (left < 0n) break
      }
    } catch (thrown) {
      if (thrown instanceof RangeError || thrown instanceof WebAssembly.CompileError)
        return { kind: 'refused' }
      if (!(thrown instanceof WebAssembly.RuntimeError)) throw hostAbort(thrown)
      return { kind: 'trapped', left: this.#global('mark') as bigint }
    }
    if (place!.hasRawNan && !this.version.isStrict) return { kind: 'raw NaN' }
    this.#save(place!)
    this.#machine.resumeAt(this.#machine.steps + budget - left + BigInt(place!.pending))
    return { kind: 'stopped' }
  }

  #from(site: number): GoOn {
    let goOn = this.#goOn.get(site)
    if (!goOn) {
      const module = this.version.from(site)
      const program = this.#exports as WebAssembly.ModuleImports
      goOn = instantiate(module, { ...this.#imports, program }).go as GoOn
      this.#goOn.set(site, goOn)
    }
    return goOn
  }

  get #recordMemory(): WebAssembly.Memory {
    return this.#exports[`${KIND.memory} ${this.#machine.memories.guests.length}`] as WebAssembly.Memory
  }

  /** Where a frame is put, and its results are. */
  #record({ site }: Frame): BigUint64Array {
    const { recordsStart, sites } = this.#compiled
    const { params, locals, results } = sites.shapes[site.shape]!
    const slots = Math.max(params + locals + site.height, results)
    const memory = this.#recordMemory
    const missing = recordsStart + slots * SLOT_BYTES - memory.buffer.byteLength
    if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES))
    return new BigUint64Array(memory.buffer, recordsStart, slots)
  }

  #written(): BigUint64Array {
    const { recordsStart } = this.#compiled
    const end = (this.#global('top') as number) >>> 0
    return new BigUint64Array(this.#recordMemory.buffer, recordsStart, (end - recordsStart) / SLOT_BYTES)
  }

  /** Takes over what the machine has outside of the program's memories and its stack. */
  #restore(budget: bigint): void {
    const { memories } = this.#machine
    const { layout, slots } = memories
    const { globals, registers, recordsStart, dropped, changesTables } = this.#compiled
    this.#setGlobal('mark', budget)
    this.#setGlobal('stopped', 0)
    this.#setGlobal('top', recordsStart)
    this.#setGlobal('inputLength', memories.input.length)
    this.#setGlobal('outputLength', BigInt(memories.output.length))
    this.#setGlobal('outputMax', BigInt(memories.outputMax))

    const saved = new BigUint64Array(this.#recordMemory.buffer, 0, globals)
    const first = layout.globals / SLOT_BYTES
    saved.set(slots.subarray(first, first + globals))
    const { fuel, stop, depth } = memories.registers
    saved[registers.fuel] = fuel
    saved[registers.state] = BigInt(stop)
    saved[registers.stack] = BigInt(depth)
    ;(this.#exports.restore as () => void)()
    for (const [name, address] of this.#segments(dropped)) {
      this.#setGlobal(name, slots[address] === 0n ? 1 : 0)
    }
    if (changesTables) this.#restoreTables()
  }

  /** Writes what is not in memory already. */
  #save({ pc, sp, fp }: Place): void {
    const exports = this.#exports
    const { memories } = this.#machine
    const { layout, slots, guests } = memories
    const { globals, registers, dropped, changesTables } = this.#compiled
    ;(exports.save as () => void)()
    const saved = new BigUint64Array(this.#recordMemory.buffer, 0, globals)
    const state = Number(saved[registers.state])
    if (state === STATE.hostAbort) throw hostAbort('it could not give memory that the program may have')

    const view = new DataView(memories.machine.buffer)
    const words = { pc, sp, fp, stop: state, depth: Number(saved[registers.stack]) }
    for (const [name, value] of Object.entries(words)) {
      view.setUint32(REGISTER[name as keyof typeof words], value, true)
    }
    view.setBigUint64(REGISTER.fuel, saved[registers.fuel]!, true)
    for (const [i, guest] of guests.entries()) {
      view.setUint32(REGISTER.pages[i]!, guest.buffer.byteLength / PAGE_BYTES, true)
    }
    for (const register of Object.values(registers)) saved[register] = 0n
    slots.set(saved, layout.globals / SLOT_BYTES)
    for (const [name, address] of this.#segments(dropped)) if (this.#global(name)) slots[address] = 0n
    if (changesTables) this.#saveTables()
  }

  /** Globals that say that a segment was dropped, and the slots of their lengths. */
  *#segments({ data, elements }: CompiledReplay['dropped']): Generator<[string, number]> {
    const { dataLengths, elementLengths } = this.#machine.memories.layout
    for (const segment of data)
      yield [`dropped ${OP.dataDrop} ${segment}`, dataLengths / SLOT_BYTES + segment]
    for (const segment of elements) {
      yield [`dropped ${OP.elemDrop} ${segment}`, elementLengths / SLOT_BYTES + segment]
    }
  }

  *#tables(): Generator<{ table: WebAssembly.Table; size: number; first: number }> {
    const { tables, tableSizes } = this.#machine.memories.layout
    for (const [i, address] of tables.entries()) {
      const table = this.#exports[`${KIND.table} ${i}`] as WebAssembly.Table
      yield { table, size: tableSizes / SLOT_BYTES + i, first: address / SLOT_BYTES }
    }
  }

  #saveTables(): void {
    const { slots } = this.#machine.memories
    for (const { table, size, first } of this.#tables()) {
      slots[size] = BigInt(table.length)
      for (let i = 0; i < table.length; i++) slots[first + i] = this.#references.get(table.get(i))! + 1n
    }
  }

  #restoreTables(): void {
    const { slots } = this.#machine.memories
    const functions = new Map([...this.#references].map(([found, reference]) => [reference + 1n, found]))
    for (const { table, size, first } of this.#tables()) {
      const length = Number(slots[size])
      if (length > table.length) table.grow(length - table.length)
      for (let i = 0; i < length; i++) table.set(i, functions.get(slots[first + i]!))
    }
  }

  #global(name: string): unknown {
    return (this.#exports[name] as WebAssembly.Global).value
  }

  #setGlobal(name: string, value: unknown): void {
    ;(this.#exports[name] as WebAssembly.Global).value = value
  }
}

function instantiate(module: WebAssembly.Module, imports: WebAssembly.Imports): WebAssembly.Exports {
  try {
    return new WebAssembly.Instance(module, imports).exports
  } catch (thrown) {
    throw hostAbort(thrown)
  }
}

function hostAbort(cause: unknown): HostAbortError {
  return new HostAbortError(cause instanceof Error ? cause.message : String(cause), { cause })
}
