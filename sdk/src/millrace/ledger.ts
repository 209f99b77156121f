/** What a lease has left: a signed ticket is a debt of its most until its result is there. Pure. */
import { amountOf } from '../documents/money.ts'
import type { Terms } from '../documents/terms.ts'
import { MillraceError } from '../errors/error.ts'

export class LeaseExhaustedError extends MillraceError {
  override readonly name = 'LeaseExhaustedError'

  constructor(facts: { wanted: bigint; left: bigint }) {
    super(`The lease has ${facts.left} fuel left; the job needs up to ${facts.wanted}, flat fuel included.`, {
      code: 'lease-exhausted',
      retryable: true,
      remedy: 'Wait for jobs that run, ask for less fuel, or take another lease.',
      facts,
    })
  }
}

export class LeaseLedger {
  readonly #terms: Pick<Terms, 'price' | 'jobFuel' | 'fuel' | 'retainer'>
  #promised = 0n
  #spent = 0n
  #earned = 0n

  constructor(terms: Pick<Terms, 'price' | 'jobFuel' | 'fuel' | 'retainer'>) {
    this.#terms = terms
  }

  /** Fuel that no job uses or may use, flat fuel included. */
  get left(): bigint {
    return this.#terms.fuel - this.#spent - this.#promised
  }

  /** What is owed in all: the retainer and every result so far, each rounded down by itself. */
  get owed(): bigint {
    return this.#terms.retainer + this.#earned
  }

  /** A ticket is about to be signed. @throws {LeaseExhaustedError} */
  promise(fuel: bigint): void {
    const wanted = fuel + this.#terms.jobFuel
    if (wanted > this.left) throw new LeaseExhaustedError({ wanted, left: this.left })
    this.#promised += wanted
  }

  /** Its result is there. */
  fulfil(fuel: bigint, fuelUsed: bigint): void {
    this.release(fuel)
    this.#spent += fuelUsed + this.#terms.jobFuel
    this.#earned += amountOf(this.#terms.price, fuelUsed, this.#terms.jobFuel)
  }

  /** There will be no result. */
  release(fuel: bigint): void {
    this.#promised -= fuel + this.#terms.jobFuel
  }
}
