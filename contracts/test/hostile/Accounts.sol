// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";

/// @notice An account of one owner, who can be replaced.
contract OwnedAccount is IERC1271 {
    address public owner;

    constructor(address owner_) {
        owner = owner_;
    }

    function setOwner(address owner_) external {
        owner = owner_;
    }

    function isValidSignature(bytes32 digest, bytes memory signature) external view virtual returns (bytes4) {
        return ECDSA.recover(digest, signature) == owner ? IERC1271.isValidSignature.selector : bytes4(0);
    }
}

/// @notice Says no to everything.
contract RefusingAccount {
    function isValidSignature(bytes32, bytes calldata) external pure returns (bytes4) {
        return 0xffffffff;
    }
}

/// @notice Never ends by itself.
contract BurningAccount {
    function isValidSignature(bytes32, bytes calldata) external pure returns (bytes4) {
        while (true) {}
        return IERC1271.isValidSignature.selector;
    }
}

/// @notice Says yes, and a hundred thousand zeros after it.
contract LongWindedAccount {
    fallback() external {
        bytes32 yes = bytes32(IERC1271.isValidSignature.selector);
        assembly {
            mstore(0, yes)
            return(0, 100000)
        }
    }
}

/// @notice Says yes in fewer bytes than a word.
contract TerseAccount {
    fallback() external {
        bytes32 yes = bytes32(IERC1271.isValidSignature.selector);
        assembly {
            mstore(0, yes)
            return(0, 4)
        }
    }
}

/// @notice Reverts, with the very word that would mean yes.
contract RevertingAccount {
    fallback() external {
        bytes32 yes = bytes32(IERC1271.isValidSignature.selector);
        assembly {
            mstore(0, yes)
            revert(0, 0x20)
        }
    }
}
