// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Claim, Sibling} from "../../types/Claim.sol";
import {Pure} from "../harness/Pure.sol";
import {Test} from "../harness/Test.sol";
import {Trees} from "../harness/Trees.sol";

/// A claim's tree, against one built by recursion
/// ├── every place, padding included, holds its leaf
/// ├── no place holds another hash or amount, another's path, or a path of another length
/// ├── no path with one word changed leads to the root
/// └── a sum that is not the leaves' leads to another root, or cannot be shown
/// A commitment, against one computed by recursion
/// ├── for every length up to some words
/// └── bytes that differ in trailing zeros only have one root and two commitments
contract TreesTest is Test {
    Pure private pures = new Pure();

    function test_places() public view {
        uint32[8] memory counts = [uint32(0), 1, 2, 3, 4, 5, 1 << 20, type(uint32).max];
        uint256[8] memory places = [uint256(0), 1, 2, 4, 4, 8, 1 << 20, 1 << 32];
        for (uint256 i; i < 8; ++i) same(pures.places(counts[i]), places[i], "places");
    }

    function test_emptyHoldsNothing() public view {
        holds(!pures.holds(Claim(0, 0, 0), 0, 0, 0, new Sibling[](0)), "no place");
    }

    /// forge-config: default.fuzz.runs = 2000
    function testFuzz_holds(bytes32 seed, uint256 size, uint256 place) public view {
        (Sibling[] memory leaves, Claim memory claim) = _claim(seed, size);
        uint32 index = uint32(place % pures.places(claim.count));
        Sibling memory leaf = index < leaves.length ? leaves[index] : Sibling(0, 0);
        holds(pures.holds(claim, index, leaf.hash, leaf.sum, Trees.path(leaves, index)), "its own leaf");
    }

    /// forge-config: default.fuzz.runs = 2000
    function testFuzz_refuses(bytes32 seed, uint256 size, uint256 place, uint256 how) public view {
        (Sibling[] memory leaves, Claim memory claim) = _claim(seed, size);
        uint32 index = uint32(place % leaves.length);
        Sibling memory leaf = leaves[index];
        Sibling[] memory path = Trees.path(leaves, index);
        how %= path.length == 0 ? 6 : 8;
        if (how == 0) leaf.hash = ~leaf.hash;
        if (how == 1) leaf.sum = leaf.sum > 0 ? leaf.sum - 1 : 1;
        if (how == 2) claim.root = ~claim.root;
        if (how == 3) claim.sum += 1;
        if (how == 4) index += uint32(pures.places(claim.count));
        if (how == 5) path = new Sibling[](path.length + 1);
        if (how == 6) path[place % path.length].hash = ~path[place % path.length].hash;
        if (how == 7) path[place % path.length].sum += 1;
        holds(!pures.holds(claim, index, leaf.hash, leaf.sum, path), "something is wrong");
    }

    /// @dev A node that says more than its children have: no leaf below it can be shown any more.
    function test_inflatedNode() public view {
        (Sibling[] memory leaves,) = _claim("inflated", 3);
        Claim memory honest = Trees.claim(leaves);
        Sibling[] memory path = Trees.path(leaves, 0);
        bytes32 left = keccak256(
            abi.encode(
                keccak256("millrace.claim.node.v1"),
                leaves[0].hash,
                uint256(leaves[0].sum),
                path[0].hash,
                uint256(path[0].sum)
            )
        );
        uint256 inflated = uint256(leaves[0].sum) + path[0].sum + 1000;
        bytes32 root = keccak256(
            abi.encode(
                keccak256("millrace.claim.node.v1"), left, inflated, path[1].hash, uint256(path[1].sum)
            )
        );
        Claim memory claim = Claim(root, honest.count, honest.sum + 1000);
        holds(!pures.holds(claim, 0, leaves[0].hash, leaves[0].sum, path), "cannot be shown");
    }

    /// forge-config: default.fuzz.runs = 1000
    function testFuzz_commitment(bytes memory data) public view {
        same(pures.commit(data), _commit(data), "commitment");
        holds(pures.commit(abi.encodePacked(data, bytes1(0))) != _commit(data), "a zero more is another");
    }

    function test_commitmentLengths() public view {
        for (uint256 length; length < 300; ++length) {
            bytes memory data = new bytes(length);
            for (uint256 i; i < length; ++i) data[i] = bytes1(uint8(i + 1));
            same(pures.commit(data), _commit(data), "commitment");
        }
    }

    /// @dev Between one and forty leaves, some of them skipped.
    function _claim(bytes32 seed, uint256 size) private pure returns (Sibling[] memory leaves, Claim memory claim) {
        leaves = new Sibling[](1 + size % 40);
        for (uint256 i; i < leaves.length; ++i) {
            bytes32 word = keccak256(abi.encode(seed, i));
            if (uint256(word) % 5 != 0) leaves[i] = Trees.leaf(word, uint64(uint256(word)));
        }
        claim = Trees.claim(leaves);
    }

    function _commit(bytes memory data) private pure returns (bytes32) {
        uint256 words = 1;
        while (words * 32 < data.length) words *= 2;
        return keccak256(abi.encode(keccak256("millrace.data.v1"), data.length, _root(data, 0, words)));
    }

    function _root(bytes memory data, uint256 from, uint256 words) private pure returns (bytes32) {
        if (words == 1) return _word(data, from * 32);
        (bytes32 left, bytes32 right) = (_root(data, from, words / 2), _root(data, from + words / 2, words / 2));
        return left == 0 && right == 0 ? bytes32(0) : keccak256(abi.encodePacked(left, right));
    }

    function _word(bytes memory data, uint256 from) private pure returns (bytes32 word) {
        for (uint256 i; i < 32 && from + i < data.length; ++i) {
            word |= bytes32(data[from + i]) >> (8 * i);
        }
    }
}
