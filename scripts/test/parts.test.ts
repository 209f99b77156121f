import { describe, expect, it } from 'vitest'
import { needsContracts, planFor, UnknownPartError } from './parts.ts'

describe('planFor', () => {
  it('runs everything that has tests when nothing is named', () => {
    const plan = planFor([], (folder) => folder !== 'bench')
    expect(plan).toMatchObject({ checks: true, contracts: true, endToEnd: true })
    expect(plan.unit).toEqual([
      'machine',
      'sdk',
      'runner',
      'services/matcher',
      'services/agent',
      'services/watcher',
      'cli',
      'scripts',
      'examples',
    ])
  })

  it('runs what is named and no more', () => {
    expect(planFor(['machine', 'agent', 'services'], () => true)).toEqual({
      checks: false,
      contracts: false,
      unit: ['machine', 'services/agent', 'services/matcher', 'services/watcher'],
      endToEnd: false,
    })
    expect(planFor(['e2e', 'checks'], () => true)).toMatchObject({ checks: true, unit: [], endToEnd: true })
  })

  it('keeps a named folder without tests, so that its emptiness is a failure', () => {
    expect(planFor(['bench'], () => false).unit).toEqual(['bench'])
  })

  it('names the parts there are when it does not know one', () => {
    expect(() => planFor(['sdk', 'skd'], () => true)).toThrow(UnknownPartError)
    expect(() => planFor(['skd'], () => true)).toThrow(/skd.*machine, sdk/)
  })
})

describe('needsContracts', () => {
  it('builds them for all but the machine, the runner and the checks', () => {
    const needs = (...names: string[]) => needsContracts(planFor(names, () => true))
    expect([needs('machine', 'runner', 'checks'), needs('sdk'), needs('contracts'), needs('e2e')]).toEqual([
      false,
      true,
      true,
      true,
    ])
  })
})
