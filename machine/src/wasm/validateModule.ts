import { BodyValidator } from './bodyValidator.ts'
import { decodeModule } from './decodeModule.ts'
import type { BuildLimits } from './limits.ts'
import type { Module } from './module.ts'

/**
 * Decodes a module and validates all of it, its code too.
 * @throws {ModuleRefusedError}
 */
export function validateModule(bytes: Uint8Array, limits: BuildLimits): Module {
  const module = decodeModule(bytes, limits)
  const body = new BodyValidator(module, limits)
  for (let i = 0; i < module.bodies.length / 2; i++) {
    body.begin(i)
    while (!body.done) {
      body.next()
      body.check()
    }
  }
  return module
}
