export { type Config, configSchema, type MatcherConfig } from './config.ts'
export { type Matcher, startMatcher } from './matcher.ts'
