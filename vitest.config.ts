import { defineConfig } from 'vitest/config'

/** A deep run repeats each property many times more: an hour for what else takes its ordinary limit. */
const limit = (milliseconds: number) => (process.env.MILLRACE_DEEP ? 3_600_000 : milliseconds)

export default defineConfig({
  test: {
    // Two cores is what everybody has; more workers only make timings worse.
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{machine,sdk,runner,services,cli,scripts,bench,examples}/**/*.test.ts'],
          testTimeout: limit(30_000),
          hookTimeout: limit(30_000),
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/**/*.test.ts'],
          testTimeout: limit(180_000),
          hookTimeout: limit(180_000),
        },
      },
    ],
  },
})
