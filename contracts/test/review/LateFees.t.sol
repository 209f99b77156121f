// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {ILeases} from "../../interfaces/ILeases.sol";
import {Verdict} from "../../interfaces/IDisputeScheme.sol";
import {Ask} from "../../types/Ask.sol";
import {Bid} from "../../types/Bid.sol";
import {Dispute} from "../../types/Dispute.sol";
import {Ticket} from "../../types/Documents.sol";
import {LeaseStatus} from "../../types/Lease.sol";
import {Deal, Deals} from "../harness/Deals.sol";

/// Late fees do not empty a collateral before a guilty verdict
/// ├── while a dispute is open none is paid: its verdict finds what there was when it opened
/// ├── when the dispute ended clean, the fee is paid after all
/// ├── when it ended guilty, the demand is moot
/// └── all of a lease's late fees together leave half of its collateral
/// @dev Otherwise a liar's friend on the tasker's side carries the collateral home, fee by fee.
contract LateFeesTest is Deals {
    Deal private deal;
    bytes32[] private late;

    function setUp() public override {
        super.setUp();
        (Ask memory ask, Bid memory bid) = (_ask(), _bid());
        ask.lateFee = 15 ether;
        deal = _open(_pair(ask, bid, 0, bid.fuel));
        vm.warp(_job().deadline);
        for (uint32 i = 1; i < 4; ++i) _demandDelivery(_ticket(deal, i));
    }

    function test_notWhileDisputed() public {
        Dispute memory dispute = _challenge(deal, challenger.addr, 0);
        _rule(dispute, Verdict.Guilty);
        vm.warp(block.timestamp + deal.terms.window / 4);
        for (uint256 i; i < late.length; ++i) {
            refuses(abi.encodeWithSelector(ILeases.StillContested.selector, deal.id, 1, 3));
            demands.lapseAccepted(deal.terms, late[i]);
        }
        disputes.settle(deal.terms, deal.scheme, dispute);
        uint256 rest = deal.terms.collateral - deal.scheme.arbiterFee;
        same(_free(arbiter.addr), deal.scheme.arbiterFee, "the arbiter's fee was there");
        same(_free(challenger.addr), FUNDS + rest / 10, "and the winner's share of the whole");

        for (uint256 i; i < late.length; ++i) demands.lapseAccepted(deal.terms, late[i]);
        _checkStatus(deal, LeaseStatus.Slashed);
        _checkNothingLocked();
        _checkSolvent();
    }

    function test_afterACleanVerdict() public {
        Dispute memory dispute = _challenge(deal, challenger.addr, 0);
        _rule(dispute, Verdict.Clean);
        vm.warp(block.timestamp + deal.terms.window / 4);
        disputes.settle(deal.terms, deal.scheme, dispute);
        uint256 locked = _locked(provider.addr);
        demands.lapseAccepted(deal.terms, late[0]);
        same(_locked(provider.addr), locked - deal.terms.lateFee, "charged late, and in full");
    }

    function test_halfIsLeft() public {
        vm.warp(block.timestamp + deal.terms.window / 4);
        for (uint256 i; i < late.length; ++i) demands.lapseAccepted(deal.terms, late[i]);
        same(_locked(provider.addr), deal.terms.collateral - deal.terms.collateral / 2, "half is left");
        _equivocate(deal);
        _checkNothingLocked();
        _checkSolvent();
    }

    function _demandDelivery(Ticket memory ticket) private {
        bytes32 hash = _hash(ticket);
        bytes memory signature = _sign(taskerKey, hash);
        bytes memory acceptance = _acceptance(ticket);
        vm.prank(tasker.addr);
        demands.demandAccepted(deal.terms, ticket, signature, acceptance);
        late.push(hash);
    }
}
