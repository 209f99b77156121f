// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {IArbiterScheme} from "../../interfaces/IArbiterScheme.sol";
import {Case, Verdict} from "../../interfaces/IDisputeScheme.sol";
import {IDisputes, Outcome} from "../../interfaces/IDisputes.sol";
import {IDocket} from "../../interfaces/IDocket.sol";
import {IEscrow} from "../../interfaces/IEscrow.sol";
import {Guilt, ILeases} from "../../interfaces/ILeases.sol";
import {IPapers} from "../../interfaces/IPapers.sol";
import {Bid} from "../../types/Bid.sol";
import {Claim, Sibling} from "../../types/Claim.sol";
import {Dispute} from "../../types/Dispute.sol";
import {Result} from "../../types/Documents.sol";
import {Evidence} from "../../types/Evidence.sol";
import {LeaseStatus} from "../../types/Lease.sol";
import {Match} from "../../types/Match.sol";
import {Scheme} from "../../types/Scheme.sol";
import {Deal, Deals} from "../harness/Deals.sol";
import {Trees} from "../harness/Trees.sol";

/// challenge
/// ├── when ticket, result or job do not belong together: it reverts WrongEvidence
/// ├── when a key did not sign: it reverts BadSignature
/// ├── when the scheme is not the terms': it reverts NotTheScheme
/// ├── when the lease never opened: it reverts NoSuchLease
/// ├── when the lease is over in time: it reverts TooLate, the second before it does not
/// ├── when the caller has less than the bond: it reverts InsufficientFunds
/// ├── when the same challenger opens the same case in one block: it reverts CaseExists
/// ├── when 255 are open: it reverts TooManyOpen
/// └── else: it locks k bonds for the k-th open one, and asks the scheme
/// challengeLeaf
/// ├── when ticket and result do not belong together: it reverts WrongEvidence
/// ├── when the claim is another: it reverts NotTheClaim
/// ├── when the leaf stands elsewhere, or its amount is not what it earns: it reverts NotInTheClaim
/// └── else: it opens, with no signature by anybody
/// equivocate
/// ├── when both results are the same: it reverts NoContradiction
/// ├── when the second is of another ticket, or not signed: it reverts
/// └── else: slashed at once, the caller is the winner, no arbiter is paid
contract DisputesTest is Deals {
    function test_challenge() public {
        Deal memory deal = _open();
        Evidence memory evidence = _evidence(deal, 4);
        uint40 ruleBy = uint40(block.timestamp) + deal.terms.disputeLimit;
        uint96 amount = uint96(_earned(deal, evidence.result.fuelUsed));
        Dispute memory dispute = Dispute(
            deal.id, 4, _hash(evidence.result), challenger.addr, deal.terms.bond, amount, uint40(block.timestamp)
        );
        bytes32 caseId = _idOf(dispute);

        vm.expectEmit(address(disputes));
        emit IDisputes.DisputeOpened(
            caseId, deal.id, challenger.addr, 4, dispute.result, deal.terms.bond, amount, ruleBy
        );
        vm.expectEmit(address(arbiters));
        emit IArbiterScheme.CaseOpened(
            address(disputes),
            caseId,
            arbiter.addr,
            Case(
                caseId,
                deal.id,
                4,
                evidence.ticket.job,
                evidence.result,
                deal.scheme,
                challenger.addr,
                provider.addr,
                providerKey.addr,
                ruleBy
            )
        );
        vm.prank(challenger.addr);
        same(disputes.challenge(deal.terms, deal.scheme, evidence), caseId, "case");

        (address scheme, uint40 until, Verdict verdict, uint40 ruledAt) = disputes.caseOf(caseId);
        same(scheme, address(arbiters), "who rules");
        same(until, ruleBy, "until when");
        same(uint256(verdict) + ruledAt, 0, "nothing ruled");
        same(leases.leaseOf(deal.id).disputes, 1, "one is open");
        same(_locked(challenger.addr), deal.terms.bond, "bond");
        _checkSolvent();
    }

    function test_job() public {
        Deal memory deal = _openJob();
        _challenge(deal, challenger.addr, 0);
        same(leases.leaseOf(deal.id).disputes, 1, "one is open");
    }

    function test_bondsGrow() public {
        Deal memory deal = _open();
        _challenge(deal, challenger.addr, 0);
        _challenge(deal, stranger.addr, 1);
        same(_locked(stranger.addr), 2 * uint256(deal.terms.bond), "two bonds for the second");
        _challenge(deal, challenger.addr, 0);
        same(_locked(challenger.addr), 4 * uint256(deal.terms.bond), "three for the third");
        same(disputes.thirdPartyDisputes(deal.id), 3, "all of third parties");
    }

    function test_wrongEvidence() public {
        (Deal memory deal, Deal memory other, Deal memory job) = (_open(), _open(), _openJob());
        bytes memory reason = abi.encodeWithSelector(IPapers.WrongEvidence.selector, deal.id);
        _refused(deal, _evidence(other, 0), reason);

        Evidence memory evidence = _evidence(deal, 0);
        evidence.result = _evidence(deal, 1).result;
        _refused(deal, evidence, reason);

        reason = abi.encodeWithSelector(IPapers.WrongEvidence.selector, job.id);
        _refused(job, _evidence(job, 1), reason);
        evidence = _evidence(job, 0);
        evidence.ticket.job.fuel += 1;
        _refused(job, evidence, reason);
    }

    function test_notSigned() public {
        Deal memory deal = _open();
        Evidence memory evidence = _evidence(deal, 0);
        bytes memory good = evidence.ticketSignature;
        evidence.ticketSignature = _sign(providerKey, _hash(evidence.ticket));
        _refusedPartly(deal, evidence, IPapers.BadSignature.selector);
        evidence.ticketSignature = good;
        evidence.resultSignature = _sign(challenger, _hash(evidence.result));
        _refusedPartly(deal, evidence, IPapers.BadSignature.selector);
    }

    function test_anotherScheme() public {
        Deal memory deal = _open();
        bytes32 wanted = deal.terms.scheme;
        deal.scheme.arbiter = challenger.addr;
        bytes memory reason =
            abi.encodeWithSelector(IPapers.NotTheScheme.selector, _leaf(deal.scheme), wanted);
        _refused(deal, _evidence(deal, 0), reason);
    }

    function test_neverOpened() public {
        Deal memory deal = _reach(LeaseStatus.None, false);
        _refused(deal, _evidence(deal, 0), abi.encodeWithSelector(IPapers.NoSuchLease.selector, deal.id));
    }

    function test_over() public {
        Deal memory deal = _open();
        uint256 over = _claimBy(deal) + deal.terms.window;
        vm.warp(over);
        _refused(deal, _evidence(deal, 0), abi.encodeWithSelector(ILeases.TooLate.selector, deal.id, over));
        vm.warp(over - 1);
        _challenge(deal, challenger.addr, 0);
    }

    function test_noBond() public {
        Deal memory deal = _open();
        vm.prank(challenger.addr);
        escrow.withdraw(address(token), FUNDS - deal.terms.bond + 1, challenger.addr);
        bytes memory reason = abi.encodeWithSelector(
            IEscrow.InsufficientFunds.selector, address(token), challenger.addr, deal.terms.bond - 1, deal.terms.bond
        );
        _refused(deal, _evidence(deal, 0), reason);
    }

    function test_sameCase() public {
        Deal memory deal = _openFree();
        Dispute memory dispute = _challenge(deal, challenger.addr, 0);
        _refused(
            deal, _evidence(deal, 0), abi.encodeWithSelector(IDisputes.CaseExists.selector, _idOf(dispute))
        );
        vm.warp(block.timestamp + 1);
        _challenge(deal, challenger.addr, 0);
    }

    function test_tooMany() public {
        Deal memory deal = _openFree();
        for (uint32 i; i < 255; ++i) _challenge(deal, challenger.addr, i);
        _refused(deal, _evidence(deal, 255), abi.encodeWithSelector(IDocket.TooManyOpen.selector, deal.id));
    }

    // ── a claim's leaf ──────────────────────────────────────────────────────────────────────────────────────────

    function test_leaf() public {
        Deal memory deal = _open();
        Claim memory claim = _claim(deal);
        for (uint32 i; i < RESULTS; ++i) {
            (Evidence memory evidence, Sibling[] memory path) = (_evidence(deal, i), Trees.path(_leaves(deal), i));
            vm.prank(challenger.addr);
            disputes.challengeLeaf(deal.terms, deal.scheme, claim, evidence.ticket, evidence.result, path);
        }
        same(leases.leaseOf(deal.id).disputes, RESULTS, "all are open");
    }

    function test_leafOfAJob() public {
        Deal memory deal = _openJob();
        Claim memory claim = _claim(deal);
        Evidence memory evidence = _evidence(deal, 0);
        vm.prank(challenger.addr);
        disputes.challengeLeaf(
            deal.terms, deal.scheme, claim, evidence.ticket, evidence.result, new Sibling[](0)
        );
    }

    function test_leafOfAnotherClaim() public {
        Deal memory deal = _open();
        Claim memory claim = _claim(deal);
        claim.sum += 1;
        _leafRefused(deal, claim, 0, 0, abi.encodeWithSelector(IPapers.NotTheClaim.selector, deal.id));
    }

    function test_leafElsewhere() public {
        Deal memory deal = _open();
        Claim memory claim = _claim(deal);
        _leafRefused(deal, claim, 1, 0, abi.encodeWithSelector(IPapers.NotInTheClaim.selector, deal.id, 1));
        _leafRefused(deal, claim, 3, 3, abi.encodeWithSelector(IPapers.NotInTheClaim.selector, deal.id, 3));
    }

    function test_leafOfAnotherTicket() public {
        Deal memory deal = _open();
        Claim memory claim = _claim(deal);
        Evidence memory evidence = _evidence(deal, 0);
        Result memory result = _evidence(deal, 1).result;
        Sibling[] memory path = Trees.path(_leaves(deal), 0);
        refuses(abi.encodeWithSelector(IPapers.WrongEvidence.selector, deal.id));
        disputes.challengeLeaf(deal.terms, deal.scheme, claim, evidence.ticket, result, path);
    }

    /// @dev A leaf with another amount than its fuel earns is no result's; a demand finds it out.
    function test_leafOfAnotherAmount() public {
        Deal memory deal = _open();
        Evidence memory evidence = _evidence(deal, 0);
        Sibling[] memory leaves = new Sibling[](1);
        leaves[0] = Trees.leaf(_hash(evidence.result), _earned(deal, evidence.result.fuelUsed) + 1);
        Claim memory claim = Trees.claim(leaves);
        vm.prank(provider.addr);
        leases.claim(deal.terms, claim);
        refuses(abi.encodeWithSelector(IPapers.NotInTheClaim.selector, deal.id, 0));
        disputes.challengeLeaf(
            deal.terms, deal.scheme, claim, evidence.ticket, evidence.result, new Sibling[](0)
        );
    }

    // ── equivocation ────────────────────────────────────────────────────────────────────────────────────────────

    function test_equivocate() public {
        Deal memory deal = _open();
        uint256 collateral = deal.terms.collateral;
        uint256 toWinner = collateral / 10;
        uint256 toTasker = collateral * 7_000 / 10_000;
        vm.expectEmit(address(leases));
        emit ILeases.Slashed(
            deal.id,
            Guilt.Equivocation,
            challenger.addr,
            0,
            toTasker,
            toWinner,
            collateral - toWinner - toTasker
        );
        _equivocate(deal);
        _checkStatus(deal, LeaseStatus.Slashed);
        same(_free(challenger.addr), FUNDS + toWinner, "the winner");
        same(_free(tasker.addr), FUNDS + toTasker, "the tasker");
        same(escrow.sink(address(token)), collateral - toWinner - toTasker, "the sink");
        _checkNothingLocked();
        _checkSolvent();
    }

    function test_equivocateOnAJob() public {
        _equivocate(_openJob());
    }

    /// @dev After the tasker's rest went back there is only the collateral to slash.
    function test_equivocateLate() public {
        Deal memory deal = _reach(LeaseStatus.Declined, false);
        _equivocate(deal);
        _checkNothingLocked();
        _checkSolvent();
    }

    function test_noContradiction() public {
        Deal memory deal = _open();
        Evidence memory evidence = _evidence(deal, 0);
        refuses(abi.encodeWithSelector(IDisputes.NoContradiction.selector, _hash(evidence.result)));
        disputes.equivocate(deal.terms, deal.scheme, evidence, evidence.result, evidence.resultSignature);
    }

    function test_secondOfAnotherTicket() public {
        Deal memory deal = _open();
        (Evidence memory first, Evidence memory second) = (_evidence(deal, 0), _evidence(deal, 1));
        refuses(abi.encodeWithSelector(IPapers.WrongEvidence.selector, deal.id));
        disputes.equivocate(deal.terms, deal.scheme, first, second.result, second.resultSignature);
    }

    function test_secondNotSigned() public {
        Deal memory deal = _open();
        Evidence memory first = _evidence(deal, 0);
        Result memory second = _evidence(deal, 0).result;
        second.fuelUsed += 1;
        bytes memory signature = _sign(challenger, _hash(second));
        vm.expectPartialRevert(IPapers.BadSignature.selector);
        disputes.equivocate(deal.terms, deal.scheme, first, second, signature);
    }

    function test_equivocateWithAnotherScheme() public {
        Deal memory deal = _open();
        deal.scheme.winnerShare = 0;
        vm.expectPartialRevert(IPapers.NotTheScheme.selector);
        this.equivocate(deal);
    }

    function test_equivocateWhenOver() public {
        Deal memory deal = _open();
        vm.warp(_claimBy(deal) + deal.terms.window);
        vm.expectPartialRevert(ILeases.TooLate.selector);
        this.equivocate(deal);
    }

    function test_equivocateOnNothing() public {
        Deal memory deal = _reach(LeaseStatus.None, false);
        vm.expectPartialRevert(IPapers.NoSuchLease.selector);
        this.equivocate(deal);
    }

    // ── helpers ─────────────────────────────────────────────────────────────────────────────────────────────────

    /// @dev The same from outside, so that everything in it counts as one call.
    function equivocate(Deal calldata deal) external {
        _equivocate(deal);
    }

    /// @dev A lease whose challenges cost nothing.
    function _openFree() private returns (Deal memory) {
        Scheme memory scheme = _scheme();
        scheme.arbiterFee = 0;
        Bid memory bid = _bid();
        (bid.scheme, bid.bond) = (_leaf(scheme), 0);
        Match memory pair = _pair(_ask(), bid, 0, bid.fuel);
        pair.scheme = scheme;
        pair.ask.schemes = bid.scheme;
        pair.askSignature = _sign(provider, _hash(pair.ask));
        pair.schemeProof = new bytes32[](0);
        return _open(pair);
    }

    function _leafRefused(Deal memory deal, Claim memory claim, uint32 index, uint32 at_, bytes memory reason) private {
        (Evidence memory evidence, Sibling[] memory path) = (_evidence(deal, index), Trees.path(_leaves(deal), at_));
        refuses(reason);
        disputes.challengeLeaf(deal.terms, deal.scheme, claim, evidence.ticket, evidence.result, path);
    }

    function _refused(Deal memory deal, Evidence memory evidence, bytes memory reason) private {
        refuses(reason);
        vm.prank(challenger.addr);
        disputes.challenge(deal.terms, deal.scheme, evidence);
    }

    function _refusedPartly(Deal memory deal, Evidence memory evidence, bytes4 selector) private {
        vm.expectPartialRevert(selector);
        vm.prank(challenger.addr);
        disputes.challenge(deal.terms, deal.scheme, evidence);
    }
}
