/**
 * Imported before anything large: Node then keeps what it compiled, and a later start reads it. It lies within the
 * clone: a folder that others may write to, such as Node's own choice, would let them choose what runs here.
 */
import module from 'node:module'
import { fileURLToPath } from 'node:url'

module.enableCompileCache(fileURLToPath(new URL('../../node_modules/.cache/compiled', import.meta.url)))
