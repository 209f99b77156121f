/** The JSON of the API, in which documents are stored and views are made: nothing is decoded to be shown. */
import type {
  disputeViewSchema,
  jobViewSchema,
  leaseViewSchema,
  orderViewSchema,
  resultSchema,
  schemeSchema,
  termsSchema,
  ticketSchema,
} from '@millrace/sdk/api'
import type { z } from 'zod'

export type WireTerms = z.input<typeof termsSchema>
export type WireTicket = z.input<typeof ticketSchema>
export type WireResult = z.input<typeof resultSchema>
export type WireScheme = z.input<typeof schemeSchema>
export type WireOrderView = z.input<typeof orderViewSchema>
export type WireLeaseView = z.input<typeof leaseViewSchema>
export type WireJobView = z.input<typeof jobViewSchema>
export type WireDisputeView = z.input<typeof disputeViewSchema>

export interface WireVoucher {
  owed: string
  signature: string
}

/** What both keys said about the end of a lease. A signature counts only for the figures that it was given for. */
export interface WireClose {
  owed: string
  until: string
  providerSignature?: string
  taskerSignature?: string
}

export interface Moment {
  /** Unix milliseconds. */
  at: number
  state: WireJobView['state']
  note?: string
}
