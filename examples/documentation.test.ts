import { access, readdir, readFile } from 'node:fs/promises'
import { expect, it, vi } from 'vitest'
import { EXAMPLES } from './catalog.ts'

const read = (path: string) => readFile(new URL(path, import.meta.url), 'utf8')

it("runs the example of the machine's README, which prints what it says", async () => {
  const [, code] = /```js\n(.*?)```/s.exec(await read('../machine/README.md'))!
  const machine = import.meta.resolve('@millrace/machine')
  const script = code!.replace("'@millrace/machine'", JSON.stringify(machine))
  const log = vi.spyOn(console, 'log').mockImplementation(() => {})

  await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(script)}`)

  const shown = [...code!.matchAll(/^\/\/ ?(.*)$/gm)].map(([, line]) => line).join('\n')
  expect(log.mock.calls.map((words) => words.join(' ').trimEnd())).toEqual([shown])
  log.mockRestore()
})

it("goes to a step and proves it, as the machine's README does", async () => {
  const [code] = [...(await read('../machine/README.md')).matchAll(/```js\n(.*?)```/gs)]
    .map(([, block]) => block!)
    .filter((block) => block.includes('proveStep'))
  const script = code!.replace(/'(@millrace\/machine[^']*)'/g, (_, name) =>
    JSON.stringify(import.meta.resolve(name)),
  )
  const module = [...(await readFile(new URL('hello/hello.wasm', import.meta.url)))]
  const whole = `const module = Uint8Array.of(${module})\n${script}\nexport { next, state, verifyStep, witness }`

  const { next, state, verifyStep, witness } = await import(
    /* @vite-ignore */ `data:text/javascript,${encodeURIComponent(whole)}`
  )

  expect(verifyStep(state, witness)).toEqual(next)
  expect(next).not.toEqual(state)
})

it.each(EXAMPLES)('shows one command for $name, in both READMEs', async ({ name }) => {
  const [command] = /npx millrace run .*/.exec(await read(`${name}/README.md`))!
  expect(await read('README.md')).toContain(`\`${command}\``)
  for (const [, path] of command.matchAll(/(?:^| |=)((?:examples|node_modules)\/\S+)/g)) {
    await access(new URL(`../${path}`, import.meta.url))
  }
})

it('has a README in each folder of programs', async () => {
  const folders = (await readdir(new URL('.', import.meta.url), { withFileTypes: true }))
    .filter((entry) => entry.isDirectory() && !['texts', 'tools', '__snapshots__'].includes(entry.name))
    .map(({ name }) => name)
  for (const folder of folders) expect(await read('README.md')).toContain(`[${folder}](${folder})`)
  await Promise.all(folders.map((folder) => read(`${folder}/README.md`)))
})
