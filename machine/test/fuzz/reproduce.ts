// node machine/test/fuzz/reproduce.ts SEED [FILE]
//
// Runs one generated module again, and writes it to a file.
import { writeFileSync } from 'node:fs'
import { compare } from './compare.ts'
import { generateModule } from './generateModule.ts'

const [seed, file] = process.argv.slice(2)
if (file) writeFileSync(file, generateModule(Number(seed)).plain)
console.log(compare(Number(seed), new Map()) ?? 'nothing is wrong')
