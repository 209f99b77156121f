/** Decodes an output in a thread whose heap the test has limited: a million writes of one byte each. */
import { parentPort, workerData } from 'node:worker_threads'
import { decodeOutput } from '../io/output.ts'

const { records } = workerData as { records: number }
const STDOUT = 1
const log = new Uint8Array(3 * records)
for (let at = 0; at < log.length; at += 3) log.set([STDOUT, 1, 0x61], at)
parentPort!.postMessage(decodeOutput(log).stdout.length)
