/** The dishonest provider of the local stack: a valid signature under a wrong output. */
import { decodeOutput, encodeOutput } from '@millrace/machine'
import type { RunOutcome } from '@millrace/runner'

/** The same outcome with another output: well-formed, no longer than before, and wrong. */
export function lieAbout(outcome: RunOutcome): RunOutcome {
  const output = decodeOutput(outcome.output)
  if (output.stdout.length === 0)
    return { ...outcome, output: encodeOutput({ ...output, exitCode: output.exitCode ^ 1 }) }
  const wrong = output.stdout.slice()
  // Letters and digits stay what they are: a lie should not be seen at a glance.
  wrong[0] = wrong[0]! ^ 1
  return { ...outcome, output: encodeOutput({ ...output, stdout: wrong }) }
}
