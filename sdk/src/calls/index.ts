export { type Call, call } from './call.ts'
export * from './disputes.ts'
export * from './escrow.ts'
export * from './leases.ts'
