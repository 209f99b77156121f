/**
 * Metering by a call into the host for each block, as the npm package `wasm-metering` writes it: for comparison. It
 * reads the instructions of 2017 alone, so younger ones are written in terms of those first.
 */
import binaryen from 'binaryen'
import { meterWASM } from 'wasm-metering'
import type { ExtraImports } from './raw.ts'

/** It builds an object for each instruction: megabytes of code are beyond it. */
const LARGEST = 1 << 20

const { BulkMemory, BulkMemoryOpt, MutableGlobals, NontrappingFPToInt, SignExt } = binaryen.Features
const YOUNGER = BulkMemory | BulkMemoryOpt | MutableGlobals | NontrappingFPToInt | SignExt
const LOWERING = [
  'llvm-memory-copy-fill-lowering',
  'llvm-nontrapping-fptoint-lowering',
  'signext-lowering',
  'strip-target-features',
]

export interface MeteredByCalls {
  readonly bytes: Uint8Array
  readonly imports: ExtraImports
}

/** The metered module and what it imports; nothing where the package cannot read the module. */
export function meterByCalls(bytes: Uint8Array): MeteredByCalls | undefined {
  if (bytes.length > LARGEST) return undefined
  try {
    const metered = meterWASM(Buffer.from(lower(bytes)), { meterType: 'i64' })
    return { bytes: metered, imports: () => ({ metering: { usegas: counter() } }) }
  } catch {
    return undefined
  }
}

function lower(bytes: Uint8Array): Uint8Array {
  const module = binaryen.readBinary(bytes)
  try {
    module.setFeatures(YOUNGER)
    module.runPasses(LOWERING)
    module.setFeatures(binaryen.Features.MVP)
    return module.emitBinary()
  } finally {
    module.dispose()
  }
}

function counter(): (cost: bigint) => void {
  let left = 1n << 62n
  return (cost) => {
    left -= cost
    if (left < 0n) throw new Error('out of gas')
  }
}
