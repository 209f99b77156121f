/**
 * Starts `child.ts` out of V8's compile cache: reading sixty source files anew takes four times as long, which
 * every lease's first job would wait for. The folder comes as the only argument, empty for none.
 */
import { enableCompileCache } from 'node:module'

const [folder] = process.argv.slice(2)
if (folder) enableCompileCache(folder)
await import('./child.ts')
