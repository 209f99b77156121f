import { createRequire } from 'node:module'
import hardhatEthers from '@nomicfoundation/hardhat-ethers'
import hardhatEthersChaiMatchers from '@nomicfoundation/hardhat-ethers-chai-matchers'
import hardhatMocha from '@nomicfoundation/hardhat-mocha'
import hardhatNetworkHelpers from '@nomicfoundation/hardhat-network-helpers'
import { defineConfig } from 'hardhat/config'

/** npm's own build of the compiler, so that nothing is downloaded when contracts are built. */
const solc = createRequire(import.meta.url).resolve('solc/soljson.js')

/** The rules that the gas figures are measured under; one name for the compiler and for the chains. */
const rules = 'prague'

const chain = {
  type: 'edr-simulated',
  hardfork: rules,
  chainId: 31337,
  // 32 taskers and 4 providers settle in one batch; arbiter, matcher and deployer stand beside them.
  accounts: { count: 48 },
  blockGasLimit: 36_000_000,
} as const

const report = process.env.MOCHA_REPORT

export default defineConfig({
  plugins: [hardhatEthers, hardhatEthersChaiMatchers, hardhatMocha, hardhatNetworkHelpers],
  // forge compiles tests only, which deploy what is built here.
  solidity: {
    version: '0.8.37',
    // Whoever wants contracts only need not wait for their tests.
    splitTestsCompilation: true,
    path: solc,
    settings: {
      viaIR: true,
      // More runs would make calls cheaper and Leases larger than a contract may be.
      optimizer: { enabled: true, runs: 2_000 },
      evmVersion: rules,
      // A changed comment must not change the bytecode, whose size and hash are snapshots.
      metadata: { bytecodeHash: 'none' },
    },
  },
  paths: { tests: { mocha: 'contracts/test', solidity: 'contracts/test' } },
  networks: {
    default: chain,
    // A block a transaction would otherwise push the chain's clock a second ahead of the wall's each time.
    node: { ...chain, allowBlocksWithSameTimestamp: true },
  },
  test: {
    mocha: {
      timeout: 60_000,
      // Named by the test runner, which reads the report instead of the text.
      ...(report ? { reporter: 'json', reporterOptions: { output: report } } : {}),
    },
    solidity: {
      fuzz: { runs: 256, seed: process.env.FUZZ_SEED ?? '0x4d' },
      invariant: { runs: 32, depth: 64, failOnRevert: false },
    },
  },
})
