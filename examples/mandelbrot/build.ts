import { compileC } from '../tools/compileC.ts'

export const build = () => compileC(new URL('mandelbrot.c', import.meta.url))
