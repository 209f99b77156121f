/** The agent: a provider that offers, runs jobs in limited processes and looks after its money. */
export { type Agent, type AgentStatus, makeLog, startAgent } from './agent.ts'
export { type AgentConfig, BadConfigError, DEFAULT_OFFER } from './config.ts'
export { recallMarket } from './connect/market.ts'
export type { DefenceStatus, OpenGame } from './defence/defence.ts'
export type { PendingLease } from './money/keeper.ts'
export type { Offer } from './offer/ask.ts'
