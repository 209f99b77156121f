/** The watcher: runs others' results again, challenges the wrong ones and plays the games. */
export { BadConfigError, type WatcherConfig } from './config.ts'
export { recallMarket } from './market.ts'
export { makeLog, type OpenLie, startWatcher, type Watcher, type WatcherStatus } from './watcher.ts'
