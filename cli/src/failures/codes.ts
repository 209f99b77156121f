/**
 * Every code that the command line has of its own, with what it means and what to do: docs/ERRORS.md is written from
 * here. A code that is not here does not compile.
 */
export const CLI_CODES = {
  'bad-file-name': [
    'The program made a file with a name that means something else on this computer. Nothing was written.',
    '`--json` prints the files as text.',
  ],
  'bad-value': [
    'An option or an argument cannot be read, or does not go with the others.',
    'The message names it and says how it is written; `--help` shows all of them.',
  ],
  'compile-failed': [
    'The C or C++ program does not compile; the lines of the compiler say where.',
    'Correct it. It must be one file, with its headers beside it.',
  ],
  detached: [
    'Ctrl-C. The job goes on, if it was signed.',
    'Come back with `millrace job wait` and the order that the message names.',
  ],
  'file-unreadable': [
    'A file that the command line names cannot be read.',
    'Check the path; it is taken from the folder that you are in.',
  ],
  'file-unwritable': [
    'A file cannot be written where it should.',
    'Name another folder; a job is not lost: `millrace job wait ORDER --out ANOTHER` writes its files again.',
  ],
  'key-on-command-line': [
    'A secret was given on the command line, where every user of the computer can read it.',
    'Move its money to a new key. `millrace key import` asks for a key; a password comes from a file or a prompt.',
  ],
  'keystore-exists': [
    'There is a key already where a new one should go.',
    'Name another file with --keystore, or move this one away if you are sure.',
  ],
  'keystore-unreadable': [
    'The file is no keystore of version 3, holds no key, or its password is another one.',
    'Try the right password, name another file with --keystore, or make a key with `millrace key new`.',
  ],
  'no-clone': [
    'The command needs a part of the project that is not installed with it.',
    'Clone the repository and call it there.',
  ],
  'no-compiler': [
    'The compiler for C and C++ is not installed.',
    'Install the package that the message names, or compile with a clang of your own for wasm32-wasi.',
  ],
  'no-faucet': ['Nobody gives this token away.', 'Get some from somebody who has it, then deposit it.'],
  'no-keystore': [
    'There is no key where one is looked for.',
    'Make one with `millrace key new`, or name its file with --keystore or MILLRACE_KEYSTORE.',
  ],
  'no-matcher': [
    'No matcher is named, and no development stack runs in this folder.',
    'Start one with `npm start`, or name a matcher with --matcher or MILLRACE_MATCHER.',
  ],
  'no-password': [
    'There is no password for the key: none was given, its file cannot be read, or the two that were typed differ.',
    'Start again, or put it in a file that only you can read and name that with --password-file.',
  ],
  'out-not-empty': [
    'The folder for the files that the program makes is not empty. Nothing was signed.',
    'Give --out a folder that is empty, or a new name.',
  ],
  'proof-differs': [
    'The proof of a step was made here, and the verifier or the contract does not come to the same next state.',
    'See that the contract is of this version of the machine. If it is, two implementations disagree: report that.',
  ],
  'run-missing': [
    'The program or the input of a contested job is not to be had: matchers delete them once a lease is over.',
    'Name files of your own with --program and --input.',
  ],
  'stack-down': [
    'The development stack of this folder is not running any more.',
    'Start it again with `npm start`, or name another matcher with --matcher.',
  ],
  unexpected: [
    'Something that nobody foresaw.',
    'MILLRACE_DEBUG=1 before the command shows where it happened: please report that.',
  ],
} as const satisfies Record<string, readonly [means: string, remedy: string]>

/** What the SDK or the matcher would say too: here in words of the command line, under the same code. */
type SharedCode =
  | 'bad-response'
  | 'chain-unavailable'
  | 'insufficient-funds'
  | 'module-refused'
  | 'no-offer'
  | 'not-the-owner'
  | 'over-budget'
  | 'timeout'
  | 'wrong-result'

export type CliCode = keyof typeof CLI_CODES | SharedCode
