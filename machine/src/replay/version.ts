import {
  type CompiledReplay,
  type CompileOptions,
  compileReplay,
  type ReplaySource,
} from './compileReplay.ts'

/** A way to compile a program, and what was compiled of it: V8 makes better code of what is run again. */
export class Version {
  readonly compiled: CompiledReplay
  readonly module: WebAssembly.Module
  readonly isStrict: boolean
  readonly #from = new Map<number, WebAssembly.Module>()

  private constructor(compiled: CompiledReplay, module: WebAssembly.Module, isStrict: boolean) {
    this.compiled = compiled
    this.module = module
    this.isStrict = isStrict
  }

  /** Null where the engine refuses: what counts is larger than the program itself, and may be beyond its limits. */
  static async compile(source: ReplaySource, options: Required<CompileOptions>): Promise<Version | null> {
    const compiled = compileReplay(source, options)
    try {
      return new Version(compiled, await WebAssembly.compile(compiled.bytes), options.isStrict)
    } catch (error) {
      if (error instanceof WebAssembly.CompileError) return null
      throw error
    }
  }

  /** A module whose function goes on from a site. */
  from(site: number): WebAssembly.Module {
    let module = this.#from.get(site)
    if (!module) {
      module = new WebAssembly.Module(this.compiled.compileFrom(site))
      this.#from.set(site, module)
    }
    return module
  }
}
