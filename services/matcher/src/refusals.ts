/**
 * Every code that an answer of the matcher can carry by its own, with what it means and what to do: docs/ERRORS.md is
 * written from here. A code that is not here does not compile; what the SDK refuses keeps the SDK's own code.
 */
export const REFUSALS = {
  'bad-signature': [
    'A document or request is signed by nobody who may.',
    'Sign with the key that the message names, or with an operator of its account.',
  ],
  'blob-missing': [
    'The matcher does not have the bytes that a document names.',
    'PUT them to /v1/blobs first, and send the same again.',
  ],
  'blob-not-found': [
    'Nobody brought bytes with this root here.',
    'Check the root, and that this is the matcher that has them; blobs of leases that are over are deleted.',
  ],
  'blob-root-mismatch': [
    'The bytes are not those that their name says.',
    'Name them by the root of these very bytes, as the SDK does.',
  ],
  'blob-too-large': [
    'A blob has more bytes than this matcher takes.',
    'Make program, input or output smaller; /v1/market says how much it takes.',
  ],
  'body-too-large': ['A request has more bytes than it may.', 'Send large inputs and outputs as blobs.'],
  'bond-too-small': [
    'The bond that the bid asks of a challenger would not pay the arbiter.',
    "Sign a bid whose bond is at least the arbiter's fee.",
  ],
  'chain-unavailable': [
    "The matcher's node of the chain does not answer.",
    'Send the same again in a few seconds; nothing was changed.',
  ],
  'close-expired': [
    'The signature under the end of the lease is no longer good.',
    'Sign it again with a later time.',
  ],
  'database-unavailable': [
    "The matcher's database does not answer.",
    'Send the same again in a few seconds; nothing was changed.',
  ],
  'deadline-past': ["The ticket's deadline is past.", 'Sign a ticket with a later deadline.'],
  'disk-full': [
    "The matcher's disk has no room left. What it acknowledged is kept.",
    'Send the same again later; its operator makes room where its data directory is.',
  ],
  'dispute-not-found': [
    'This matcher knows no such case.',
    "Check the case's id, and that this is its matcher.",
  ],
  'fee-mismatch': [
    "The order does not grant this matcher's fees.",
    'Sign it with the fees that /v1/market tells.',
  ],
  'foreign-store': [
    'The bid names a store to which nobody here could show that it delivered.',
    'Name the store of /v1/market, or none.',
  ],
  'insufficient-funds': [
    'Less is free in the escrow than the order would lock; the facts say how much is missing.',
    'Deposit what is missing, and send the order again.',
  ],
  'inline-too-large': [
    'An output as large as this does not come inline.',
    'PUT it to /v1/blobs first, and send the result without it.',
  ],
  internal: [
    'The matcher failed.',
    'Send it again; if it fails again, its operator finds the cause in the log.',
  ],
  'invalid-body': [
    'The body is not the JSON that it says it is.',
    'Send JSON in UTF-8, whole, with its content type.',
  ],
  'invalid-request': [
    'The request does not have the form that it must have; the facts say where.',
    'Send what /openapi.json describes.',
  ],
  'job-lease': [
    'The lease was opened for the one job that its bid carries.',
    'Open another lease for other jobs.',
  ],
  'job-mismatch': [
    'The job is not the one that the bid signs, or the bid asks for less fuel than it needs.',
    'Sign bid and job together, as the SDK does.',
  ],
  'job-not-found': ['This matcher knows no such job.', "Check the job's id, and that this is its matcher."],
  'job-too-large': [
    'The lease allows no job as large as this.',
    'Ask for less fuel, or open a lease with larger jobs.',
  ],
  'lease-exhausted': [
    "The lease's fuel is spoken for.",
    'Wait for results that used less than their most, or open another lease.',
  ],
  'lease-not-confirmed': [
    'The opening of the lease lies not deep enough in the chain yet.',
    'Send the ticket again in a moment.',
  ],
  'lease-not-found': [
    'This matcher knows no such lease.',
    "Check the lease's id, and that this is its matcher.",
  ],
  'lease-not-open': ['The lease takes no more tickets.', 'Open another lease.'],
  'module-refused': [
    'The program is not one that the machine runs; the message names the place in the module.',
    'Build it for plain wasm32-wasi (preview 1).',
  ],
  'no-attempt': ['The bid grants no attempt.', 'Sign a bid with at least one.'],
  'no-fuel': ['The order is for no fuel.', 'Sign an order with some.'],
  'no-offer': [
    'No offer in the book fits; the facts count why, provider by provider.',
    'Change what the reasons name, or wait for other offers.',
  ],
  'no-such-route': ['The API has no such path.', 'See /openapi.json.'],
  'nonce-used': ['This very request was sent before.', 'Sign a new one, with a nonce of its own.'],
  'not-the-owner': [
    'The key that signed does not speak for the account of the order.',
    'Sign with the key of the account, of the order, or of an operator.',
  ],
  'not-the-provider': [
    "The key that signed is not that of the job's provider.",
    "Sign with the provider's key in the lease.",
  ],
  'order-cancelled': [
    'The nonce of the order was cancelled on chain, or is used up.',
    'Sign a new order with another nonce.',
  ],
  'order-ended': ['Leases of the bid would have to end in the past.', 'Sign a bid with a later end.'],
  'order-expired': ['The order expired.', 'Sign a new order with a later expiry.'],
  'order-not-found': [
    'This matcher knows no such order.',
    "Check the order's digest, and that this is its matcher.",
  ],
  'output-too-large': [
    'The output is larger than its ticket allows.',
    'Send what the machine gave: it ends a program before that.',
  ],
  'redis-unavailable': [
    "The matcher's Redis does not answer.",
    'Send the same again in a few seconds; nothing was changed.',
  ],
  'request-stale': [
    'A signed request is good for one minute, and this one is older or from the future.',
    "Check this computer's clock and sign again.",
  ],
  'result-conflict': [
    'Another result was signed for this ticket.',
    'Never sign two: the earlier one stands.',
  ],
  'scheme-mismatch': [
    'The scheme is not the one under the root that the order signs.',
    'Sign and send the same schemes.',
  ],
  'store-full': ['The blob store is full of what live leases need.', 'Send it again later.'],
  'ticket-conflict': ['The index of the lease is taken by another ticket.', 'Sign the next index.'],
  'too-many-orders': [
    'The account has as many open orders as it may have.',
    'Cancel some, or let them expire.',
  ],
  'too-many-requests': ['The address sends more than it may.', 'Wait as long as Retry-After says.'],
  'too-many-streams': [
    'The address has as many event streams open as it may have.',
    'Close some; one stream can serve all jobs of an account.',
  ],
  'too-much-fuel': ['A run cannot count as much fuel as the job may use.', 'Ask for less than 2^63.'],
  'voucher-too-high': ['The voucher owes more than the lease locks.', 'Sign one for no more than that.'],
  'wrong-lease': [
    'The ticket names another lease than the one that it is sent to.',
    'Send it to the lease that it names.',
  ],
  'wrong-ticket': [
    'The result is for another ticket than the one that it is sent to.',
    'Send it to the job that it names.',
  ],
} as const satisfies Record<string, readonly [means: string, remedy: string]>

export type RefusalCode = keyof typeof REFUSALS
