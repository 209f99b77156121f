/**
 * The chain of the stack, a process of its own: Hardhat's node without its log of every call, which would cost more
 * than the calls. Prints one line of JSON when it is up. `CHAIN_PORT=0` takes any free port.
 */
import hre from 'hardhat'

const server = await hre.network.createServer('node', '127.0.0.1', Number(process.env.CHAIN_PORT ?? 0))
const { address, port } = await server.listen()
console.log(JSON.stringify({ rpc: `http://${address}:${port}` }))
