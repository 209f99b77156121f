/** What a command is made of, for those that register themselves and for the program that runs them. */
import type { Command } from 'commander'
import type { Answer, GlobalOptions, Session } from '../terminal/Session.ts'

/** A command's work: from its positional words and its options to an answer. */
export type Work<Options> = (
  session: Session,
  options: Options & GlobalOptions,
  ...words: string[]
) => Promise<Answer>

/** Registers commands; each calls `does` with its work. */
export interface Program {
  readonly command: Command
  does<Options>(command: Command, work: Work<Options>): void
}
