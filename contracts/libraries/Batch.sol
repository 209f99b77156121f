// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

/// @title One call in a batch, which may fail alone
/// @notice Calls this very contract with a piece of its own calldata, as it stands. To encode a match anew, as a plain
///         call would, costs 6,300 gas a match and 2,600 bytes of code.
library Batch {
    /// @param from where the argument stands in calldata
    /// @param next where the one after it stands, in the usual encoding; any other makes the call fail, not more
    /// @param isDynamic whether the argument is of dynamic size, so that an offset stands before it
    /// @return done whether the call succeeded
    /// @return reason error data if it did not
    function tryCall(bytes4 selector, uint256 from, uint256 next, bool isDynamic)
        internal
        returns (bool done, bytes memory reason)
    {
        uint256 size = next > from ? next - from : msg.data.length - from;
        assembly ("memory-safe") {
            let call_ := mload(0x40)
            mstore(call_, selector)
            mstore(add(call_, 4), 0x20)
            let head := add(4, mul(isDynamic, 0x20))
            calldatacopy(add(call_, head), from, size)
            done := call(gas(), address(), 0, call_, add(head, size), 0, 0)
        }
        if (!done) {
            assembly ("memory-safe") {
                reason := mload(0x40)
                mstore(reason, returndatasize())
                returndatacopy(add(reason, 0x20), 0, returndatasize())
                mstore(0x40, add(add(reason, 0x20), returndatasize()))
            }
        }
    }
}
