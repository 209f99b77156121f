/** Runs one canonical program in a thread with a stack of the size that the machine asks for. */
import { parentPort, workerData } from 'node:worker_threads'
import { EXPORTS, MAX_FUEL } from '../pass/abi.ts'

const { canonical, warmUps } = workerData as { canonical: Uint8Array<ArrayBuffer>; warmUps: number }
const { exports } = new WebAssembly.Instance(new WebAssembly.Module(canonical))
const fuel = exports[EXPORTS.fuel] as WebAssembly.Global<'i64'>
const state = exports[EXPORTS.state] as WebAssembly.Global<'i32'>
const stack = exports[EXPORTS.stack] as WebAssembly.Global<'i32'>
const f = exports.f as (depth: number) => number
const full = stack.value

fuel.value = MAX_FUEL
for (let i = 0; i < warmUps; i++) f(100)
let thrown = 'nothing'
try {
  f(0x7fffffff)
} catch (error) {
  thrown = (error as Error).constructor.name
}
parentPort!.postMessage({ thrown, state: state.value, used: full - stack.value })
