// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {FloatBatch, IFloatUnit} from "./FloatBatch.sol";

interface FileVm {
    function envUint(string calldata name) external view returns (uint256);
    function readFileBinary(string calldata path) external view returns (bytes memory);
    function writeFileBinary(string calldata path, bytes calldata data) external;
}

/// @notice One instruction on the operands in a file, for forge, whose EVM keeps no trace of a test.
/// @dev Abstract, so that whoever runs all tests does not run it without the files.
abstract contract FloatFile {
    FileVm private constant VM = FileVm(address(uint160(uint256(keccak256("hevm cheat code")))));

    function test_File() external {
        bytes memory creation = VM.readFileBinary("unit");
        IFloatUnit unit;
        assembly ("memory-safe") {
            unit := create(0, add(creation, 0x20), mload(creation))
        }
        FloatBatch batch = new FloatBatch(unit);
        VM.writeFileBinary("outcomes", batch.compute(VM.envUint("OPCODE"), VM.readFileBinary("pairs")));
    }
}
