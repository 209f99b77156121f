import { RESERVED_PREFIX } from './pass/abi.ts'
import { SECTION } from './wasm/decodeModule.ts'
import { ModuleRefusedError } from './wasm/error.ts'
import { Reader } from './wasm/reader.ts'
import { Writer } from './wasm/writer.ts'

const HEADER_BYTES = 8

/**
 * A module without its custom sections (names, debugging), which mean nothing to the machine and are often as large
 * as the code. Those of the machine itself stay. What is no module comes back as far as it can be read: whoever
 * decodes it finds the fault.
 */
export function plainModule(bytes: Uint8Array): Uint8Array {
  const out = new Writer(bytes.length)
  const reader = new Reader(bytes, Math.min(HEADER_BYTES, bytes.length))
  let start = 0
  try {
    while (reader.pos < bytes.length) {
      const section = reader.pos
      const id = reader.u8()
      const size = reader.u32()
      const end = reader.pos + size
      if (end > bytes.length) break
      if (id === SECTION.custom && !reader.name().startsWith(RESERVED_PREFIX)) {
        out.copy(bytes, start, section)
        start = end
      }
      reader.pos = end
    }
  } catch (error) {
    if (!(error instanceof ModuleRefusedError)) throw error
  }
  out.copy(bytes, start, bytes.length)
  return out.finish()
}
