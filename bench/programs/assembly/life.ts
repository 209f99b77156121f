/** Conway's game of life on a torus. */
import { args, print } from '../../../examples/primes/assembly/wasi'

const SIZE = 256
let cells = new StaticArray<u8>(SIZE * SIZE)
let next = new StaticArray<u8>(SIZE * SIZE)

let state: u32 = 2463534242
for (let i = 0; i < SIZE * SIZE; i++) {
  state ^= state << 13
  state ^= state >> 17
  state ^= state << 5
  cells[i] = <u8>(state & 1)
}

function row(y: i32): i32 {
  return (y & (SIZE - 1)) * SIZE
}

function step(from: StaticArray<u8>, to: StaticArray<u8>): void {
  for (let y = 0; y < SIZE; y++) {
    const above = row(y - 1)
    const here = row(y)
    const below = row(y + 1)
    for (let x = 0; x < SIZE; x++) {
      const left = (x - 1) & (SIZE - 1)
      const right = (x + 1) & (SIZE - 1)
      const neighbours =
        from[above + left] + from[above + x] + from[above + right] + from[here + left] +
        from[here + right] + from[below + left] + from[below + x] + from[below + right]
      to[here + x] = <u8>(neighbours == 3 || (neighbours == 2 && from[here + x]))
    }
  }
}

const words = args()
const steps = words.length > 1 ? <i32>parseInt(words[1]) : 1
for (let i = 0; i < steps; i++) {
  step(cells, next)
  const swapped = cells
  cells = next
  next = swapped
}

let alive = 0
let sum: u32 = 0
for (let i = 0; i < SIZE * SIZE; i++) {
  alive += cells[i]
  sum = sum * 31 + cells[i]
}
print(alive.toString() + ' alive, ' + sum.toString() + '\n')
