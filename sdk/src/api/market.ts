import * as z from 'zod'
import { schemeSchema } from './document.ts'
import { address, uint } from './scalar.ts'

export const tokenSchema = z
  .object({
    address,
    symbol: z.string().max(32),
    decimals: z.int().min(0).max(36),
    /** Whether anybody may mint: a test token. */
    faucet: z.boolean().optional(),
  })
  .meta({ id: 'Token' })

export type Token = z.output<typeof tokenSchema>

export const contractsSchema = z.object({
  escrow: address,
  leases: address,
  disputes: address,
  demands: address,
  arbiterScheme: address,
  /** Whoever is right proves it: leaves that name it need no arbiter. */
  proofScheme: address,
  /** One step of the provable machine, where the market knows of one. */
  machine: address.optional(),
})

export type Contracts = z.output<typeof contractsSchema>

/** `GET /v1/market`: everything that a client must know before its first order. */
export const marketSchema = z
  .object({
    chainId: z.int().positive(),
    rpcUrl: z.string().optional(),
    contracts: contractsSchema,
    matcher: z.object({
      feeTo: address,
      makerFee: z.int().min(0).max(10_000), // basis points
      takerFee: z.int().min(0).max(10_000), // basis points
      store: address, // signs receipts of delivery
    }),
    tokens: z.array(tokenSchema),
    schemes: z.array(schemeSchema),
    limits: z.object({
      blobBytes: z.int(),
      inlineBytes: z.int(),
      bodyBytes: z.int(),
    }),
    machineVersion: z.int().min(0),
    block: uint(64),
  })
  .meta({ id: 'Market' })

export type Market = z.output<typeof marketSchema>
