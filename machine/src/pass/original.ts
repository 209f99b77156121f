/**
 * A canonical program carries the module that it was made of, in a custom section, so that passing it through the
 * pass again gives the same bytes. Nobody takes the section's word for it: the program is made again.
 */
import { SECTION } from '../wasm/decodeModule.ts'
import { ModuleRefusedError } from '../wasm/error.ts'
import { Reader } from '../wasm/reader.ts'
import { Writer } from '../wasm/writer.ts'
import { RESERVED_PREFIX } from './abi.ts'

const NAME = `${RESERVED_PREFIX}module`
const HEADER_BYTES = 8

export interface Settled {
  /** What was given, or what the canonical program that was given was made of. */
  readonly module: Uint8Array
  /** With the module in it. */
  readonly canonical: Uint8Array
}

/**
 * The canonical program of a module, or of a canonical program itself.
 *
 * @param build makes the program of a module, without the section
 * @throws {ModuleRefusedError} for bytes that claim to be a canonical program and are not exactly that
 */
export function settle(bytes: Uint8Array, build: (module: Uint8Array) => Uint8Array): Settled {
  const found = originalIn(bytes)
  if (!found) return { module: bytes, canonical: withOriginal(build(bytes), bytes) }
  const { original, offset } = found
  // A module within a module within a module would be built as often.
  const canonical = originalIn(original) ? null : withOriginal(build(original), original)
  if (canonical && equal(canonical, bytes)) return { module: original, canonical }
  throw new ModuleRefusedError(
    'custom',
    offset,
    'it carries the module of a canonical program and is not the canonical program of it',
    'Give the module itself, or the program as this version of the machine makes it.',
  )
}

function withOriginal(canonical: Uint8Array, module: Uint8Array): Uint8Array {
  const content = new Writer(module.length + NAME.length + 8)
  content.name(NAME)
  content.copy(module, 0, module.length)
  const out = new Writer(canonical.length + content.length + 8)
  out.copy(canonical, 0, canonical.length)
  out.section(SECTION.custom, content)
  return out.finish()
}

/** The section's module and where the section starts. What is no module at all is left to `decodeModule`. */
export function originalIn(bytes: Uint8Array): { original: Uint8Array; offset: number } | null {
  const reader = new Reader(bytes, HEADER_BYTES)
  try {
    while (reader.pos < bytes.length) {
      const offset = reader.pos
      const id = reader.u8()
      const size = reader.u32()
      const end = reader.pos + size
      if (id === SECTION.custom && end <= bytes.length && reader.name() === NAME) {
        return { original: bytes.slice(reader.pos, end), offset }
      }
      reader.pos = end
    }
  } catch (error) {
    if (!(error instanceof ModuleRefusedError)) throw error
  }
  return null
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}
