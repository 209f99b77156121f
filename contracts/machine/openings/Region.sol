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

/// @notice A region of a state that a step is about to change: a tree of which some leaves are open.
struct Region {
    Witness witness;
    bytes32 root; // as it was
    uint256 depth;
    Path[] paths; // in the order of their openings
}

using Openings for Region global;

/// @title Opening leaves of a region and closing it again
/// @notice Each opening is checked at once against the root or an earlier opening, so that every leaf is what the
///         region holds. Closing works the paths off from the last to the first: each goes into the sibling of the
///         one that it meets, and the first one gives the root.
library Openings {
    /// @dev For `_top`: every leaf is kept.
    uint256 private constant ALL = type(uint256).max;

    function region(Witness memory witness, bytes32 root, uint256 depth) internal pure returns (Region memory) {
        return Region(witness, root, depth, new Path[](0));
    }

    /// @param index below 2^depth
    /// @return path of the leaf; whoever writes to it changes the region
    function open(Region memory self, uint256 index) internal pure returns (Path memory) {
        unchecked {
            Path[] memory paths = self.paths;
            uint256 levels = self.depth;
            bytes32 expected = self.root;
            uint256 meets;
            for (uint256 place; place < paths.length; ++place) {
                uint256 apart = paths[place].index ^ index;
                if (apart == 0) return paths[place];
                // Of several that it meets at one level, the first goes on beyond.
                uint256 level = Math.log2(apart);
                if (level < levels) {
                    levels = level;
                    meets = place;
                    expected = paths[place].siblings[level];
                }
            }

            bytes32 leaf = self.witness.word();
            Path memory path = Path(index, leaf, _siblings(self.witness, levels), meets);
            if (_top(path, ALL) != expected) revert IMachine.MalformedWitness();
            self.paths = _with(paths, path);
            return path;
        }
    }

    /// @return root of the region as it has become
    function close(Region memory self) internal pure returns (bytes32) {
        return _close(self, ALL);
    }

    /// @notice Closes a region whose contents end: all leaves behind `last`, which is open, become zero.
    function closeAt(Region memory self, uint256 last) internal pure returns (bytes32) {
        return _close(self, last);
    }

    function _close(Region memory self, uint256 last) private pure returns (bytes32) {
        unchecked {
            uint256 place = self.paths.length;
            if (place == 0) return self.root;
            while (--place > 0) {
                Path memory path = self.paths[place];
                self.paths[path.meets].siblings[path.siblings.length] = _top(path, last);
            }
            return _top(self.paths[0], last);
        }
    }

    function _siblings(Witness memory witness, uint256 levels) private pure returns (bytes32[] memory) {
        uint256 mask = witness.number();
        if (mask >> levels != 0) revert IMachine.MalformedWitness();
        bytes32[] memory siblings = new bytes32[](levels);
        witness.words(mask, siblings);
        return siblings;
    }

    function _with(Path[] memory paths, Path memory path) private pure returns (Path[] memory) {
        unchecked {
            Path[] memory more = new Path[](paths.length + 1);
            for (uint256 place; place < paths.length; ++place) {
                more[place] = paths[place];
            }
            more[paths.length] = path;
            return more;
        }
    }

    /// @return node where the path ends, over what is not behind the leaf `last`
    function _top(Path memory path, uint256 last) private pure returns (bytes32 node) {
        uint256 index = path.index;
        if (index <= last) node = path.leaf;
        bytes32[] memory siblings = path.siblings;
        assembly ("memory-safe") {
            let end := add(siblings, shl(5, mload(siblings)))
            for { let at := siblings } lt(at, end) {} {
                at := add(at, 0x20)
                let sibling := mul(mload(at), iszero(gt(xor(index, 1), last)))
                if or(node, sibling) {
                    let side := shl(5, and(index, 1))
                    mstore(side, node)
                    mstore(xor(side, 0x20), sibling)
                    node := keccak256(0, 0x40)
                }
                index := shr(1, index)
                last := shr(1, last)
            }
        }
    }
}
