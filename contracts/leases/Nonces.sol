// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {ILeases} from "../interfaces/ILeases.sol";

/// @title Which orders are cancelled or burned
abstract contract Nonces is ILeases {
    /// @inheritdoc ILeases
    mapping(address account => mapping(uint64 word => uint256)) public nonceBits;
    /// @inheritdoc ILeases
    mapping(address account => uint64) public lowestNonce;

    /// @inheritdoc ILeases
    function cancelNonces(uint64 word, uint256 mask) external {
        nonceBits[msg.sender][word] |= mask;
        emit NoncesCancelled(msg.sender, word, mask);
    }

    /// @inheritdoc ILeases
    function cancelBelow(uint64 nonce) external {
        // An epoch only ever rises: lowering it would bring cancelled orders back.
        if (nonce <= lowestNonce[msg.sender]) revert NonceSpent(msg.sender, nonce);
        lowestNonce[msg.sender] = nonce;
        emit NoncesCancelledBelow(msg.sender, nonce);
    }

    function _checkNonce(address account, uint64 nonce) internal view {
        _unspent(account, nonce, nonceBits[account][nonce >> 8]);
    }

    function _burnNonce(address account, uint64 nonce) internal {
        mapping(uint64 => uint256) storage words = nonceBits[account];
        uint256 bits = words[nonce >> 8];
        words[nonce >> 8] = bits | _unspent(account, nonce, bits);
    }

    function _unspent(address account, uint64 nonce, uint256 bits) private view returns (uint256 bit) {
        bit = 1 << (nonce & 0xff);
        if (bits & bit != 0 || nonce < lowestNonce[account]) revert NonceSpent(account, nonce);
    }
}
