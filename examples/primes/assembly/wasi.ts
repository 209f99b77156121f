/** As much of WASI as the sieve needs: its arguments and standard output. */

// @ts-ignore: decorator
@external('wasi_snapshot_preview1', 'args_sizes_get')
declare function args_sizes_get(count: usize, size: usize): i32

// @ts-ignore: decorator
@external('wasi_snapshot_preview1', 'args_get')
declare function args_get(pointers: usize, buffer: usize): i32

// @ts-ignore: decorator
@external('wasi_snapshot_preview1', 'fd_write')
declare function fd_write(fd: i32, iovs: usize, count: i32, written: usize): i32

const STDOUT = 1

/** The program's name and its arguments. */
export function args(): string[] {
  const sizes = memory.data(8)
  if (args_sizes_get(sizes, sizes + 4) != 0) return []
  const count = load<u32>(sizes)
  const pointers = heap.alloc(count * 4)
  const buffer = heap.alloc(load<u32>(sizes + 4))
  if (args_get(pointers, buffer) != 0) return []
  const found: string[] = []
  for (let i: u32 = 0; i < count; i++) {
    const start: usize = load<u32>(pointers + i * 4)
    let end = start
    while (load<u8>(end)) end++
    found.push(String.UTF8.decodeUnsafe(start, end - start))
  }
  return found
}

/** Writes text to standard output as UTF-8. */
export function print(text: string): void {
  const bytes = String.UTF8.encode(text)
  const iovec = memory.data(12)
  store<u32>(iovec, changetype<usize>(bytes))
  store<u32>(iovec + 4, bytes.byteLength)
  assert(fd_write(STDOUT, iovec, 1, iovec + 8) == 0, 'standard output cannot be written')
}
