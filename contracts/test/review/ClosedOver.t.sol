// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Verdict} from "../../interfaces/IDisputeScheme.sol";
import {IDisputes, Outcome} from "../../interfaces/IDisputes.sol";
import {ILeases} from "../../interfaces/ILeases.sol";
import {Dispute} from "../../types/Dispute.sol";
import {Deal, Deals} from "../harness/Deals.sol";

/// A close by both keys ends the tasker's own dispute
/// ├── given a verdict that comes after it, or in its very second: it counts for nothing, the bond comes back whole
/// ├── given guilty before it: the arbiter has its fee out of the bond, the rest of which comes back
/// └── given clean before it: the bond is forfeited, as without a close
/// @dev Otherwise an arbiter waits for the close and takes a bond that nobody contests any more, or works for nothing.
contract ClosedOverTest is Deals {
    Deal private deal;
    Dispute private dispute;

    function setUp() public override {
        super.setUp();
        deal = _open();
        dispute = _challenge(deal, tasker.addr, 0);
        vm.warp(block.timestamp + 10);
    }

    function test_ruledAfterwards() public {
        leases.close(_closing(deal, 0));
        vm.warp(block.timestamp + 1);
        _rule(dispute, Verdict.Clean);
        _settles(Outcome.Moot);
        same(_free(tasker.addr), FUNDS, "all of the bond");
    }

    function test_guiltyAfterwards() public {
        leases.close(_closing(deal, 0));
        vm.warp(block.timestamp + 1);
        _rule(dispute, Verdict.Guilty);
        _settles(Outcome.Moot);
        same(_free(tasker.addr), FUNDS, "all of the bond");
    }

    function test_inTheSameSecond() public {
        leases.close(_closing(deal, 0));
        _rule(dispute, Verdict.Clean);
        _settles(Outcome.Moot);
        same(_free(tasker.addr), FUNDS, "all of the bond");
    }

    /// @dev Time alone does not end a case that was ruled, though too late: `settle` does.
    function test_timeoutOfALateVerdict() public {
        leases.close(_closing(deal, 0));
        _rule(dispute, Verdict.Clean);
        refuses(abi.encodeWithSelector(IDisputes.AlreadyRuled.selector, _idOf(dispute), Verdict.Clean));
        disputes.timeout(deal.terms, dispute);
        _settles(Outcome.Moot);
    }

    function test_guiltyBefore() public {
        _rule(dispute, Verdict.Guilty);
        vm.warp(block.timestamp + 1);
        leases.close(_closing(deal, 0));
        uint256 fee = deal.scheme.arbiterFee;
        _expect(Outcome.Moot);
        vm.expectEmit(address(leases));
        emit ILeases.BondForfeited(deal.id, tasker.addr, fee, 0, 0);
        _settle();
        same(_free(arbiter.addr), fee, "its fee");
        same(_free(tasker.addr), FUNDS - fee, "the rest");
        same(_free(provider.addr), FUNDS, "what both signed stands");
    }

    function test_cleanBefore() public {
        _rule(dispute, Verdict.Clean);
        vm.warp(block.timestamp + 1);
        leases.close(_closing(deal, 0));
        _settles(Outcome.Clean);
        same(_free(tasker.addr), FUNDS - deal.terms.bond, "lost");
        same(_free(arbiter.addr), deal.scheme.arbiterFee, "fee");
    }

    function _settles(Outcome outcome) private {
        _expect(outcome);
        _settle();
    }

    function _expect(Outcome outcome) private {
        vm.expectEmit(address(disputes));
        emit IDisputes.DisputeSettled(_idOf(dispute), deal.id, outcome);
    }

    function _settle() private {
        vm.prank(stranger.addr);
        disputes.settle(deal.terms, deal.scheme, dispute);
        _checkNothingLocked();
        _checkSolvent();
    }
}
