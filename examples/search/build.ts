import { compileRust } from '../tools/compileRust.ts'

export const build = () => compileRust(new URL('search.rs', import.meta.url))
