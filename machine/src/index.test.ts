import { expect, it } from 'vitest'
import * as machine from './index.ts'

it('exports what is public, and nothing by accident', () => {
  expect(Object.keys(machine).sort()).toMatchInlineSnapshot(`
    [
      "BadEncodingError",
      "BadLimitsError",
      "DEFAULT_LIMITS",
      "HostAbortError",
      "LEAF_BYTES",
      "LIBRARY_PAGES",
      "MACHINE_VERSION",
      "MAX_FUEL",
      "ModuleRefusedError",
      "NATIVE_STACK_BYTES",
      "STACK_SLOTS",
      "STATUS_CODES",
      "V8_FLAGS",
      "buildProgram",
      "commit",
      "compile",
      "decodeInput",
      "decodeOutput",
      "encodeInput",
      "encodeOutput",
      "hashPair",
      "keccak256",
      "merklePath",
      "merkleRoot",
      "rootFromPath",
      "run",
      "toHex",
      "treeDepth",
    ]
  `)
})
