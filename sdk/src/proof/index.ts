export * from './bond.ts'
export * from './collateral.ts'
export * from './computation.ts'
export * from './decide.ts'
export * from './game.ts'
export { gasOf, type PlayedMove, playedMove } from './gameMoves.ts'
export { checkProvable, isProvable } from './leaf.ts'
export { type LocalTracerParameters, localTracer } from './localTracer.ts'
export { type GameEnd, type PlayGameParameters, playGame } from './playGame.ts'
export {
  GameUnknownError,
  type ReadGameParameters,
  readGame,
} from './readGame.ts'
export * from './split.ts'
export * from './times.ts'
export type * from './tracer.ts'
export * from './view.ts'
