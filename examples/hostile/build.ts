import { compileWat } from '../tools/compileWat.ts'

/** Assembles one of the texts in this folder. */
export const build = (name: string) => compileWat(new URL(`${name}.wat`, import.meta.url))
