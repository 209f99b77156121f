/** A WASI program of a few instructions that writes its standard input to its standard output. */
import wabt from 'wabt'

const SOURCE = `(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 2 2)
  (func (export "_start")
    (i32.store (i32.const 0) (i32.const 64))
    (loop $again
      (i32.store (i32.const 4) (i32.const 65536))
      (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
      (i32.store (i32.const 4) (i32.load (i32.const 8)))
      (if (i32.load (i32.const 8))
        (then
          (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 12)))
          (br $again))))))`

export const echoProgram = (): Promise<Uint8Array> => assemble(SOURCE)

/** A module from the text format. */
export async function assemble(text: string): Promise<Uint8Array> {
  const module = (await wabt()).parseWat('test.wat', text)
  try {
    return module.toBinary({}).buffer
  } finally {
    module.destroy()
  }
}
