// A reporter for vitest that says one line for each file, and no more but what no test answers for.
import type { Reporter, SerializedError, TestModule } from 'vitest/node'

export default class Progress implements Reporter {
  onTestModuleEnd(module: TestModule): void {
    const tests = [...module.children.allTests()]
    const failed = tests.filter((test) => test.result().state === 'failed')
    const seconds = (module.diagnostic().duration / 1000).toFixed(1)
    const outcome = module.ok() ? `${tests.length} tests` : `${failed.length || 'all'} failed`
    console.log(`${module.ok() ? '✓' : '✗'} ${module.relativeModuleId} (${outcome}, ${seconds} s)`)
    for (const test of failed) console.log(`  ✗ ${test.fullName}`)
  }

  /** An error that nobody caught fails the run though every test passed: without its words nobody finds it. */
  onTestRunEnd(_modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    for (const error of unhandled) console.log(describe(error))
  }
}

/** The kind of the error (`Unhandled Rejection`, say), where it was thrown, and the file and test that ran then. */
function describe({ type, name, message, stack, ...error }: SerializedError): string {
  const file = error.VITEST_TEST_PATH ? ` while ${error.VITEST_TEST_PATH} ran` : ''
  const test = error.VITEST_TEST_NAME ? `, lately "${error.VITEST_TEST_NAME}"` : ''
  return `✗ ${type ?? 'Unhandled error'}${file}${test}: ${name}: ${message}\n${stack ?? `${name}: ${message}`}`
}
