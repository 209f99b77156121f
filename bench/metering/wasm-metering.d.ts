declare module 'wasm-metering' {
  export function meterWASM(module: Buffer, options: { meterType: 'i32' | 'i64' }): Uint8Array
}
