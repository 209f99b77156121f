#!/usr/bin/env node
// The command line that forge expects of a compiler, over npm's WebAssembly build of solc.
// Answers `--version` and `--standard-json` on stdin; the sources are inlined in that JSON,
// so that path options have nothing left to say and are ignored.
import { readFileSync } from 'node:fs'
import solc from 'solc'

const options = process.argv.slice(2)
if (options.includes('--version')) {
  console.log(`solc, the solidity compiler commandline interface\nVersion: ${solc.version()}`)
} else if (options.includes('--standard-json')) {
  console.log(solc.compile(readFileSync(0, 'utf8')))
} else {
  console.error('solc.mjs knows --version and --standard-json only.')
  process.exitCode = 2
}
