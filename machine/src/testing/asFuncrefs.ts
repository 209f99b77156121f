import wabt from 'wabt'

const tools = await wabt()
const FEATURES = { reference_types: true, bulk_memory: true, multi_value: true }

/**
 * The same module with `funcref` wherever it says `externref`. Most of what the official suite says of a module that
 * uses both holds for it all the same.
 */
export function asFuncrefs(bytes: Uint8Array): Uint8Array {
  const module = tools.readWasm(bytes, FEATURES)
  const text = module.toText({ foldExprs: false, inlineExport: false })
  module.destroy()
  // Not in the names of exports.
  const types = text
    .replace(/(?<=[ (])externref(?=[ )])/g, 'funcref')
    .replace(/ref\.null extern\b/g, 'ref.null func')
  const changed = tools.parseWat('changed.wat', types, FEATURES)
  try {
    return changed.toBinary({}).buffer
  } finally {
    changed.destroy()
  }
}
