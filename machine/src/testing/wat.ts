import wabt from 'wabt'

const tools = await wabt()

/** Assembles WebAssembly text, features beyond the machine's own among it. */
export function wat(text: string): Uint8Array {
  const features = {
    exceptions: true,
    threads: true,
    simd: true,
    tail_call: true,
    gc: true,
    memory64: true,
    multi_memory: true,
    extended_const: true,
  }
  const module = tools.parseWat('test.wat', text, features)
  try {
    return module.toBinary({}).buffer
  } finally {
    module.destroy()
  }
}
