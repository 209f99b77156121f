import { dirname } from 'node:path'
import type { Finding } from '../checks/Check.ts'
import { fail } from '../checks/Check.ts'
import { checkDisk, checkJail, checkMemory, checkNode } from '../checks/checkHost.ts'
import { checkKeystore } from '../checks/checkKeystore.ts'
import { checkMatcher } from '../checks/checkMatcher.ts'
import { keySource, matcherUrl } from '../config/settings.ts'
import { exitCodes } from '../failures/exitCodes.ts'
import { explain } from '../failures/explain.ts'
import { defaultKeystore } from '../keystore/keystoreFile.ts'
import type { Answer, GlobalOptions, Session } from '../terminal/Session.ts'
import { table } from '../terminal/table.ts'
import type { Program } from './command.ts'

/** `millrace doctor` */
export function addDoctor({ command, does }: Program): void {
  does(
    command
      .command('doctor')
      .description('look at everything that work depends on, with a remedy for what is wrong')
      .option('--rpc <url>', 'a node of the chain; else MILLRACE_RPC, else the one that the matcher names'),
    runDoctor,
  )
}

async function runDoctor(session: Session, options: GlobalOptions & { rpc?: string }): Promise<Answer> {
  // Other commands start faster without the agent.
  const { jailLayers } = await import('@millrace/runner')
  const findings = [
    checkNode(process.versions.node),
    ...(await orFinding('matcher', async () =>
      checkMatcher(matcherUrl(session, options), options.rpc ?? session.env.MILLRACE_RPC),
    )),
    ...(await orFinding('keystore', async () => [checkKeystore(keySource(session, options, 'tasker').file)])),
    ...checkJail(jailLayers()),
    await checkDisk(dirname(defaultKeystore(session.env))),
    checkMemory(),
  ]
  const healthy = findings.every(({ level }) => level !== 'fail')
  return {
    json: { ok: healthy, findings },
    lines: findings.flatMap(findingLines),
    exitCode: healthy ? exitCodes.ok : exitCodes.unhealthy,
  }
}

/** An error while looking is a finding too. */
async function orFinding(name: string, look: () => Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await look()
  } catch (error) {
    const { message, remedy } = explain(error)
    return [fail(name, message, remedy ?? 'See the message.')]
  }
}

/** The longest name of a finding. */
const NAME_WIDTH = 10
const MARKS = { ok: 'ok  ', warn: 'note', fail: 'FAIL' } as const

function findingLines({ name, level, says, remedy }: Finding): string[] {
  const [line = ''] = table([[MARKS[level], name.padEnd(NAME_WIDTH), says]])
  return remedy ? [line, `${' '.repeat(NAME_WIDTH + 8)}${remedy}`] : [line]
}
