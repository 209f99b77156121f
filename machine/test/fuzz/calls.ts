/** Random calls, each of which counts how deep it goes. */
import { OP } from '../../src/wasm/opcodes.ts'
import { type Body, DEPTH, type Signature } from './surroundings.ts'

export function callFor(body: Body, type: number, depth: number): void {
  const fitting = body.around.callable.filter(({ signature: { results } }) => results.includes(type))
  if (fitting.length === 0) {
    body.leaf(type)
    return
  }
  const { index, signature } = body.dice.pick(fitting)
  callOf(body, index, signature, depth)
  // The value wanted is kept, what stands above and below it goes.
  const at = signature.results.indexOf(type)
  body.keep(signature.results.slice(at + 1))
  const kept = body.local(type)
  body.code.indexed(OP.localSet, kept)
  body.keep(signature.results.slice(0, at))
  body.code.indexed(OP.localGet, kept)
}

export function call(body: Body, depth: number): readonly number[] {
  const { index, signature } = body.dice.pick(body.around.callable)
  callOf(body, index, signature, depth)
  return signature.results
}

function callOf(body: Body, index: number, { params }: Signature, depth: number): void {
  for (const type of params) body.expression(type, depth)
  deeper(body, 1)
  body.code.indexed(OP.call, index)
  deeper(body, -1)
}

export function callIndirect(body: Body, depth: number): readonly number[] {
  const { params, results } = body.dice.pick(body.around.signatures)
  for (const type of params) body.expression(type, depth)
  body.index(depth)
  deeper(body, 1)
  body.code.put(OP.callIndirect)
  body.code.u32(body.around.typeIndex(params, results))
  body.code.u32(body.dice.below(body.around.tables.length))
  deeper(body, -1)
  return results
}

function deeper(body: Body, by: number): void {
  const { code } = body
  code.indexed(OP.globalGet, DEPTH)
  code.i32(by)
  code.put(OP.i32Add)
  code.indexed(OP.globalSet, DEPTH)
}
