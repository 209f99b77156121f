/**
 * Counts the primes below a limit with a sieve of Eratosthenes, and prints the largest ones.
 *
 *   primes [LIMIT]
 */
import { args, print } from './wasi'

const LARGEST_LIMIT = 200_000_000
const SHOWN = 5

const words = args()
const wanted: f64 = words.length > 1 ? parseFloat(words[1]) : 1_000_000
assert(wanted >= 2 && wanted <= <f64>LARGEST_LIMIT, 'the limit is a number from 2 to ' + LARGEST_LIMIT.toString())
const limit = <i32>wanted

/** One byte for each odd number from 1: bit sets would be smaller, and slower. */
const composite = new Uint8Array(limit >> 1)

for (let p = 3; p * p < limit; p += 2) {
  if (composite[p >> 1]) continue
  for (let multiple = p * p; multiple < limit; multiple += 2 * p) composite[multiple >> 1] = 1
}

let count = limit > 2 ? 1 : 0
const last: i32[] = []
for (let i = 1; i < composite.length; i++) if (!composite[i]) count++
for (let i = composite.length - 1; i > 0 && last.length < SHOWN; i--) {
  if (!composite[i]) last.unshift(2 * i + 1)
}

print(count.toString() + ' primes below ' + limit.toString() + '\n')
print('the last: ' + last.join(' ') + '\n')
