import { compileC } from '../tools/compileC.ts'

export const build = () => compileC(new URL('hello.c', import.meta.url))
