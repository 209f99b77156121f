// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {IPapers} from "../../interfaces/IPapers.sol";
import {Claim, Sibling} from "../../types/Claim.sol";
import {LeaseStatus} from "../../types/Lease.sol";
import {Deal, Deals} from "../harness/Deals.sol";
import {Trees} from "../harness/Trees.sol";

/// A claim cannot be larger than the tickets that were signed
/// ├── its last place is never a skipped one: who shows no ticket for it loses the collateral
/// ├── no part of it comes to more than its places can earn: whatever stands beside one that does cannot be shown
/// └── a place before the last may be skipped
/// @dev Otherwise an invented job hides among up to 2^20 skipped ones, and the few demands that fit into half a window
///      do not find it.
contract HiddenLeafTest is Deals {
    uint32 private constant PLACES = 16;
    uint32 private constant INVENTED = 5;
    /// @dev About twice what the largest job earns.
    uint256 private constant TOO_MUCH = 5 ether;

    Deal private deal;
    Claim private claim;
    Sibling[] private leaves;

    function setUp() public override {
        super.setUp();
        deal = _open();
        Sibling[] memory all = new Sibling[](PLACES);
        all[INVENTED] = Trees.leaf(keccak256("a result of nothing"), TOO_MUCH);
        for (uint256 i; i < PLACES; ++i) leaves.push(all[i]);
        claim = Trees.claim(all);
        vm.prank(provider.addr);
        leases.claim(deal.terms, claim);
    }

    function test_lastIsNotSkipped() public {
        _demand(deal, claim, PLACES - 1);
        refuses(abi.encodeWithSelector(IPapers.NotInTheClaim.selector, deal.id, PLACES - 1));
        demands.answerSkipped(deal.terms, claim, PLACES - 1, Trees.path(leaves, PLACES - 1));

        vm.warp(block.timestamp + deal.terms.window / 4);
        demands.lapse(deal.terms, deal.scheme, PLACES - 1);
        _checkStatus(deal, LeaseStatus.Slashed);
    }

    function test_noJobEarnsMoreThanTheLargest() public {
        _demand(deal, claim, INVENTED - 1);
        refuses(abi.encodeWithSelector(IPapers.NotInTheClaim.selector, deal.id, INVENTED - 1));
        demands.answerSkipped(deal.terms, claim, INVENTED - 1, Trees.path(leaves, INVENTED - 1));
    }

    function test_anotherMayBeSkipped() public {
        _demand(deal, claim, PLACES - 2);
        demands.answerSkipped(deal.terms, claim, PLACES - 2, Trees.path(leaves, PLACES - 2));
        _checkStatus(deal, LeaseStatus.Claimed);
    }
}
