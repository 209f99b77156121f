/** A tab of a Chromium, on a page that this process serves. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { chromium, type Page } from 'playwright-core'

export interface Tab {
  readonly page: Page
  close(): Promise<void>
}

const FLAGS = ['--no-sandbox', '--headless', '--disable-gpu', '--disable-background-networking']
const TYPES: Record<string, string> = { html: 'text/html', js: 'text/javascript', wasm: 'application/wasm' }

/**
 * @param chromiumPath the browser
 * @param files what the page may load, by path; `index.html` is the page
 */
export async function openTab(
  chromiumPath: string,
  files: (path: string) => string | Uint8Array | undefined,
): Promise<Tab> {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url!.slice(1)) || 'index.html'
    const content = files(path)
    response.statusCode = content === undefined ? 404 : 200
    response.setHeader('content-type', TYPES[path.slice(path.lastIndexOf('.') + 1)] ?? 'text/plain')
    response.end(content ?? `There is no ${path}.`)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const browser = await chromium.launch({ executablePath: chromiumPath, args: FLAGS })
  const page = await browser.newPage()
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  return {
    page,
    async close() {
      await browser.close()
      server.close()
    },
  }
}
