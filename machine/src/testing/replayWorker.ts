/** Replays a program that recurses without end, in a thread with a stack of the size that the machine asks for. */
import { parentPort, workerData } from 'node:worker_threads'
import { StepMachine } from '../interpret/stepMachine.ts'
import { encodeInput } from '../io/input.ts'
import { lower } from '../lower/lower.ts'
import { ReplayProgram } from '../replay/replay.ts'
import { differenceOf } from './sameState.ts'

const END = 2n ** 62n
/** Slots of a frame with a parameter, a link, a local and two operands. */
const FRAME = 5

const canonical = workerData as Uint8Array
const input = encodeInput()
const limits = { fuel: 10n ** 10n, outputMax: 100 }
const program = new ReplayProgram(canonical)
const interpreted = new StepMachine(lower(canonical), input, limits)

const end = await program.replay(input, limits, END)
const half = await program.stopAfter(input, limits, end.steps / 2n)
interpreted.runTo(half.steps)
const differences = [differenceOf(half.state(), interpreted.state())]
const frames = half.registers.sp / FRAME
const other = await program.advanceAfter(half, limits, END)
other.runTo(END)
differences.push(differenceOf(other.state(), end.state()))
parentPort!.postMessage({ status: end.registers.status, differences, frames })
