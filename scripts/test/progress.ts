// A reporter for vitest that says one line for each file, and no more.
import type { Reporter, TestModule } from 'vitest/node'

export default class Progress implements Reporter {
  onTestModuleEnd(module: TestModule): void {
    const tests = [...module.children.allTests()]
    const failed = tests.filter((test) => test.result().state === 'failed')
    const seconds = (module.diagnostic().duration / 1000).toFixed(1)
    const outcome = module.ok() ? `${tests.length} tests` : `${failed.length || 'all'} failed`
    console.log(`${module.ok() ? '✓' : '✗'} ${module.relativeModuleId} (${outcome}, ${seconds} s)`)
    for (const test of failed) console.log(`  ✗ ${test.fullName}`)
  }
}
