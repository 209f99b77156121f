// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {ILeases} from "../../interfaces/ILeases.sol";
import {Claim, Sibling} from "../../types/Claim.sol";
import {Dispute} from "../../types/Dispute.sol";
import {Ticket} from "../../types/Documents.sol";
import {Evidence, Receipt} from "../../types/Evidence.sol";
import {LeaseStatus} from "../../types/Lease.sol";
import {Deal, Deals} from "../harness/Deals.sol";
import {Trees} from "../harness/Trees.sol";

/// Nobody earns by sending what another found out
/// ├── an answer copied on its way pays the provider all the same
/// ├── a delivery shown after the lease's end earns no fee: the demand is moot
/// ├── a puppet's equivocation takes no winner's share from a challenger whose case is open
/// └── nor does a friendly tasker's demand that is left to lapse
contract TakenStakesTest is Deals {
    Deal private deal;

    function setUp() public override {
        super.setUp();
        deal = _open();
    }

    function test_copiedAnswer() public {
        Claim memory claim = _claim(deal);
        _demand(deal, claim, 0);
        Evidence memory evidence = _evidence(deal, 0);
        Receipt memory receipt = _receipt(store, evidence);
        Sibling[] memory path = Trees.path(_leaves(deal), 0);
        uint256 before = _free(provider.addr);
        vm.prank(stranger.addr);
        demands.answer(deal.terms, claim, evidence, receipt, path);
        same(_free(stranger.addr), FUNDS, "nothing for the copy");
        same(_free(provider.addr), before + deal.terms.claimFee, "the fee is the provider's");
    }

    function test_shownAfterTheEnd() public {
        Ticket memory ticket = _ticket(deal, 0);
        bytes32 what = _hash(ticket);
        (bytes memory signature, bytes memory acceptance) = (_sign(taskerKey, what), _acceptance(ticket));
        vm.warp(ticket.job.deadline);
        vm.prank(tasker.addr);
        demands.demandAccepted(deal.terms, ticket, signature, acceptance);
        leases.close(_closing(deal, 0));

        Evidence memory evidence = _evidence(deal, 0);
        Receipt memory receipt = _receipt(store, evidence);
        refuses(abi.encodeWithSelector(ILeases.WrongStatus.selector, deal.id, LeaseStatus.Closed));
        demands.answerAccepted(deal.terms, evidence, receipt);
        demands.lapseAccepted(deal.terms, what);
        same(_free(tasker.addr), FUNDS, "the fee is back");
    }

    function test_puppetsEquivocation() public {
        Dispute memory dispute = _challenge(deal, stranger.addr, 1);
        _equivocate(deal); // sent by `challenger`, the provider's puppet
        same(_free(challenger.addr), FUNDS, "nothing for the puppet");
        uint256 collateral = deal.terms.collateral;
        same(escrow.sink(address(token)), collateral - collateral * 7_000 / 10_000, "its share burned");
        disputes.settle(deal.terms, deal.scheme, dispute);
        same(_free(stranger.addr), FUNDS, "the bond is back");
        _checkSolvent();
    }

    function test_lapseBesideADispute() public {
        Claim memory claim = _claim(deal);
        _demand(deal, claim, 0);
        _challenge(deal, stranger.addr, 1);
        vm.warp(block.timestamp + deal.terms.window / 4);
        demands.lapse(deal.terms, deal.scheme, 0);
        uint256 toTasker = uint256(deal.terms.collateral) * 7_000 / 10_000;
        same(_free(tasker.addr), FUNDS + toTasker, "its share alone");
    }
}
