// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

/// @notice Who judges a dispute, for what, and how a slashed collateral is split. An ask holds the Merkle root
///         over the leaves it accepts (OpenZeppelin's standard tree: sorted pairs), a bid names one leaf,
///         which is keccak256(bytes.concat(keccak256(abi.encode(scheme)))).
struct Scheme {
    address scheme; // implements IDisputeScheme
    address arbiter; // whom the scheme asks; 0 where it asks nobody
    uint96 arbiterFee; // paid by the loser, base units of the lease's token; without an arbiter nobody's, and only the
    // least bond of a challenge: it covers what a defence costs in gas
    uint32 machineVersion;
    uint16 taskerShare; // of a slash, basis points
    uint16 winnerShare; // at most 1,000; what is left, at least 2,000, is burned
}

using SchemeLeaf for Scheme global;

library SchemeLeaf {
    /// @dev The leaf under an ask's `schemes`.
    function leaf(Scheme calldata scheme) internal pure returns (bytes32) {
        return keccak256(bytes.concat(keccak256(abi.encode(scheme))));
    }
}
