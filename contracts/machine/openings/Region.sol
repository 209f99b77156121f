// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IMachine} from "../../interfaces/IMachine.sol";
import {Witness} from "./Witness.sol";

/// @notice An open leaf, and the siblings on its way up: to the root, or to where it meets the path of an earlier one.
struct Path {
    uint256 index;
    bytes32 leaf; // as it has become
    bytes32[] siblings; // from the leaf's own neighbour upwards, as they were
    uint256 meets; // the earlier path's place; nothing for the first
}

/// @notice A region of a state during a step: a tree of which some leaves are open.
struct Region {
    Witness witness;
    bytes32 root; // as it was
    uint256 depth;
    Path[] paths; // in the order of their openings
    bool changed;
}

using Openings for Region global;

/// @title Opening leaves of a region and closing it again
/// @notice Each opening is checked at once against the root or an earlier opening, so that every leaf is what the
///         region holds. Closing works the paths off from the last to the first: each goes into the sibling of the
///         one that it meets, and the first one gives the root.
/// @dev No function returns a struct: it would set up an empty one each time it is called. The loops are in assembly
///      since a step goes up a hundred levels; Solidity takes more than twice the gas for each.
library Openings {
    uint256 private constant ALL = type(uint256).max;

    /// @dev Opens the leaf if it is not open yet.
    /// @param index below 2^depth
    function leaf(Region memory region, uint256 index) internal pure returns (bytes32) {
        uint256 place = _open(region, index);
        return region.paths[place].leaf;
    }

    /// @dev Opens the leaf if it is not open yet.
    /// @param index below 2^depth
    function setLeaf(Region memory region, uint256 index, bytes32 value) internal pure {
        uint256 place = _open(region, index);
        region.paths[place].leaf = value;
        region.changed = true;
    }

    /// @notice The root as the open leaves make it. Nothing is done with the region any more after that.
    function close(Region memory region) internal pure returns (bytes32) {
        return closeAt(region, ALL);
    }

    /// @notice The same with zeros behind a leaf.
    /// @param last that leaf, which is open
    function closeAt(Region memory region, uint256 last) internal pure returns (bytes32) {
        unchecked {
            if (!region.changed) return region.root;
            Path[] memory paths = region.paths;
            uint256 place = paths.length;
            while (--place > 0) {
                Path memory path = paths[place];
                paths[path.meets].siblings[path.siblings.length] = _top(path, last);
            }
            return _top(paths[0], last);
        }
    }

    /// @return place of the leaf's path
    function _open(Region memory region, uint256 index) private pure returns (uint256 place) {
        unchecked {
            Path[] memory paths = region.paths;
            uint256 levels = region.depth;
            bytes32 expected = region.root;
            uint256 meets;
            for (; place < paths.length; ++place) {
                uint256 apart = paths[place].index ^ index;
                if (apart == 0) return place;
                // Of several that it meets at one level, the first goes on beyond.
                uint256 level = Math.log2(apart);
                if (level < levels) {
                    levels = level;
                    meets = place;
                    expected = paths[place].siblings[level];
                }
            }

            bytes32 value = region.witness.word();
            bytes32[] memory siblings = new bytes32[](levels);
            if (_read(region.witness, index, value, siblings) != expected) revert IMachine.MalformedWitness();
            region.paths = _with(paths, Path(index, value, siblings, meets));
        }
    }

    function _with(Path[] memory paths, Path memory path) private pure returns (Path[] memory more) {
        unchecked {
            more = new Path[](paths.length + 1);
            for (uint256 place; place < paths.length; ++place) {
                more[place] = paths[place];
            }
            more[paths.length] = path;
        }
    }

    /// @dev Reads the siblings of a leaf.
    /// @return node where the path ends; over two zero words it is zero, so that what was never written has no size
    function _read(Witness memory witness, uint256 index, bytes32 value, bytes32[] memory siblings)
        private
        pure
        returns (bytes32 node)
    {
        uint256 mask = witness.number();
        if (mask >> siblings.length != 0) revert IMachine.MalformedWitness();
        uint256 position = witness.position;
        node = value;
        assembly ("memory-safe") {
            // The mask, and from bit 128 on the index with a bit above its last one.
            let one := shl(mload(siblings), 1)
            let bits := or(mask, shl(128, or(one, and(index, sub(one, 1)))))
            for { let at := siblings } shr(129, bits) {} {
                at := add(at, 0x20)
                let sibling := 0
                if and(bits, 1) {
                    sibling := calldataload(position)
                    position := add(position, 0x20)
                    mstore(at, sibling)
                }
                let side := and(shr(123, bits), 0x20)
                mstore(side, node)
                mstore(xor(side, 0x20), sibling)
                node := mul(keccak256(0, 0x40), iszero(iszero(or(node, sibling))))
                bits := shr(1, bits)
            }
        }
        witness.moveTo(position);
    }

    /// @return node where the path ends, over what is not behind the leaf `last`
    function _top(Path memory path, uint256 last) private pure returns (bytes32 node) {
        uint256 index = path.index;
        bytes32[] memory siblings = path.siblings;
        if (index <= last) node = path.leaf;
        assembly ("memory-safe") {
            let end := add(siblings, shl(5, mload(siblings)))
            for { let at := siblings } lt(at, end) {} {
                at := add(at, 0x20)
                let sibling := mul(mload(at), iszero(gt(xor(index, 1), last)))
                let side := shl(5, and(index, 1))
                mstore(side, node)
                mstore(xor(side, 0x20), sibling)
                node := mul(keccak256(0, 0x40), iszero(iszero(or(node, sibling))))
                index := shr(1, index)
                last := shr(1, last)
            }
        }
    }
}
