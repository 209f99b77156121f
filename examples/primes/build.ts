import { compileAssemblyScript } from '../tools/compileAssemblyScript.ts'

export const build = () => compileAssemblyScript(new URL('assembly/', import.meta.url), 'primes.ts')
