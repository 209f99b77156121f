/** The official test suite's assertions by single steps: interpreted, by the reference, and as V8 runs the program. */
import { describe, expect, it } from 'vitest'
import { emptyTally, runStepped } from '../testing/steppedSuite.ts'
import { documentedCounts, suiteFiles, suiteIsThere } from '../testing/suite.ts'

/** Calls of more steps are made by the reference in a deep run: a few long loops would take most of the time. */
const MOST_REFERENCE_STEPS = process.env.MILLRACE_DEEP ? Number.POSITIVE_INFINITY : 1_000
/** Of all calls, those that are longer. */
const LONG_CALLS = process.env.MILLRACE_DEEP ? 0 : 300

/** What another module does to the one that is asked, in a table or a memory that they share. Programs share none. */
const BY_OTHERS = [
  'elem:574',
  'elem:575',
  'elem:587',
  'elem:588',
  'elem:589',
  'linking:209',
  'linking:215',
  'linking:275',
  'linking:288',
  'linking:349',
  'linking:406',
  'linking:407',
  'linking:419',
  'linking:452',
  'linking:453',
]

describe('the official test suite, step by step', () => {
  it.skipIf(!suiteIsThere)(
    'has its results, and the same registers, globals, tables and memories every way',
    () => {
      const tally = emptyTally()
      for (const file of suiteFiles()) {
        runStepped(file, tally, { mostReferenceSteps: MOST_REFERENCE_STEPS })
      }
      expect(tally.different).toEqual([])
      expect(tally.wrong.map((text) => text.split(' ')[0])).toEqual(BY_OTHERS)
      expect(tally.skipped).toEqual(documentedCounts('left out by steps'))
      expect(tally.passed).toEqual(documentedCounts('passed by steps'))
      expect(tally.calls - tally.byReference).toBeLessThanOrEqual(LONG_CALLS)
    },
    process.env.MILLRACE_DEEP ? 3_600_000 : 180_000,
  )
})
