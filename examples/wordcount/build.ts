import { compileC } from '../tools/compileC.ts'

export const build = () => compileC(new URL('wordcount.c', import.meta.url))
