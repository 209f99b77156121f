import { explain, explanationJson, explanationLines, toJson } from '../failures/explain.ts'
import type { Answer, GlobalOptions, Session } from './Session.ts'

/** Writes what a command answers. */
export async function writeAnswer(session: Session, options: GlobalOptions, answer: Answer): Promise<number> {
  const text = options.json
    ? answer.json === undefined
      ? ''
      : `${JSON.stringify(toJson(answer.json))}\n`
    : (answer.lines ?? []).map((line) => `${line}\n`).join('')
  await write(session.stdout, text)
  return answer.exitCode ?? 0
}

/** Tells of an error: on stderr for a person, on stdout as JSON for `--json`. */
export async function writeFailure(
  session: Session,
  options: GlobalOptions,
  thrown: unknown,
): Promise<number> {
  const explanation = explain(thrown)
  if (options.json) {
    const json = { ok: false, error: explanationJson(explanation) }
    await write(session.stdout, `${JSON.stringify(json)}\n`)
  } else {
    await write(
      session.stderr,
      explanationLines(explanation)
        .map((line) => `${line}\n`)
        .join(''),
    )
  }
  if (session.env.MILLRACE_DEBUG && thrown instanceof Error) {
    await write(session.stderr, `${thrown.stack ?? ''}\n`)
  }
  return explanation.exitCode
}

/** Resolves when the bytes have left, so that the process may end. */
export async function write(stream: NodeJS.WritableStream, data: string | Uint8Array): Promise<void> {
  if (data.length === 0) return
  await new Promise<void>((resolve, reject) =>
    stream.write(data, (error) => (error ? reject(error) : resolve())),
  )
}
