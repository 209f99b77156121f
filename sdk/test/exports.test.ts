/** What the package offers is a promise: a name that goes or comes is a change of it. */
import { expect, it } from 'vitest'
import packageJson from '../package.json' with { type: 'json' }

it.each(Object.keys(packageJson.exports))('%s exports what it did', async (entry) => {
  const module = await import(`@millrace/sdk${entry.slice(1)}`)
  expect(Object.keys(module).sort()).toMatchSnapshot()
})
