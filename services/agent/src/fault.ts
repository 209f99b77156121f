/** Named places at which a test may kill the agent, as a power cut would. */
export type FaultPoint =
  | 'pull'
  | 'fetch'
  | 'run'
  | 'result'
  | 'signed'
  | 'claimed'
  // of a game, after the move that is named
  | 'challenged'
  | 'defended'
  | 'split'
  | 'proved'
  | 'timed-out'

/** Dies here if `FAULT_AT` names the place and the stack is a development build. */
export function faultAt(point: FaultPoint): void {
  if (process.env.MILLRACE_DEV === '1' && process.env.FAULT_AT === point) process.kill(process.pid, 'SIGKILL')
}
