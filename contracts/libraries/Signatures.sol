// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {ILeases} from "../interfaces/ILeases.sol";
import {IPapers} from "../interfaces/IPapers.sol";

/// @title Who signed
library Signatures {
    uint256 internal constant ERC1271_GAS = 100_000;

    /// @dev A lease's papers are signed by the plain keys in its terms, whatever their accounts do later.
    function check(address key, bytes32 digest, bytes calldata signature) internal pure {
        (address signer,,) = ECDSA.tryRecoverCalldata(digest, signature);
        if (signer != key || signer == address(0)) revert IPapers.BadSignature(digest, key, signer);
    }

    /// @dev Who signed an order for `account`: nobody else (0), or a signer whose word the escrow must check.
    function operatorFor(address account, bytes32 digest, bytes calldata signature)
        internal
        view
        returns (address operator)
    {
        (address signer,,) = ECDSA.tryRecoverCalldata(digest, signature);
        // A plain key first: it costs no look at the account's code, and serves delegated accounts (EIP-7702) too.
        if (signer == account && signer != address(0)) return address(0);
        if (account.code.length != 0 && _contractSigned(account, digest, signature)) return address(0);
        if (signer == address(0)) revert ILeases.BadOrderSignature(digest, account, signer);
        return signer;
    }

    /// @dev ERC-1271 with bounds: a stranger's contract answers in one word, and its gas cannot eat a batch.
    function _contractSigned(address account, bytes32 digest, bytes calldata signature) private view returns (bool) {
        bytes memory question = abi.encodeCall(IERC1271.isValidSignature, (digest, signature));
        bool answered;
        uint256 answer;
        assembly ("memory-safe") {
            answered := staticcall(ERC1271_GAS, account, add(question, 0x20), mload(question), 0, 0x20)
            answered := and(answered, gt(returndatasize(), 0x1f))
            answer := mload(0)
        }
        return answered && answer == uint256(bytes32(IERC1271.isValidSignature.selector));
    }
}
