// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {ILeases} from "../../interfaces/ILeases.sol";
import {Ask} from "../../types/Ask.sol";
import {Bid} from "../../types/Bid.sol";
import {Claim} from "../../types/Claim.sol";
import {LeaseStatus} from "../../types/Lease.sol";
import {Match} from "../../types/Match.sol";
import {Terms} from "../../types/Terms.sol";
import {Deal, Deals} from "../harness/Deals.sol";

/// A claim of nothing earns nothing that was not due
/// ├── of a job lease it is refused: it would take the retainer and end the attempts that are left
/// ├── so is one of more jobs than the lease has
/// └── where a voucher covers all of it, its tasker redeems that voucher and pays no claim's fee
contract EmptyClaimTest is Deals {
    function test_ofAJob() public {
        (Ask memory ask, Bid memory bid) = (_ask(), _jobBid());
        Deal memory deal = _open(_pair(ask, bid, 0, bid.fuel));
        if (!_claims(deal, Claim(0, 0, 0))) _refused(deal, 0);
        vm.warp(deal.terms.end);

        Match memory again = _pair(ask, bid, 1, bid.fuel);
        again.previous = new Terms[](1);
        again.previous[0] = deal.terms;
        _open(again);
        _checkStatus(deal, LeaseStatus.Unclaimed);
    }

    function test_ofTwoJobs() public {
        _refused(_openJob(), 2);
    }

    function test_coveredByAVoucher() public {
        Deal memory deal = _open();
        Claim memory claim = _claim(deal);
        uint96 owed = deal.terms.retainer + claim.sum;
        // The voucher that the provider kept to itself; its tasker has it too.
        leases.redeem(deal.terms, owed, _voucher(deal, owed));
        vm.warp(_over(deal));
        leases.finalise(deal.terms);
        same(leases.leaseOf(deal.id).paid, owed, "the claim's fee was not due");
        _checkNothingLocked();
    }

    function _refused(Deal memory deal, uint32 count) private {
        refuses(abi.encodeWithSelector(ILeases.BadClaim.selector, count, 0));
        vm.prank(provider.addr);
        leases.claim(deal.terms, Claim(0, count, 0));
    }

    function _claims(Deal memory deal, Claim memory claim) private returns (bool) {
        vm.prank(provider.addr);
        try leases.claim(deal.terms, claim) {
            return true;
        } catch {
            return false;
        }
    }
}
