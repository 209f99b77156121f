// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {ILeases} from "../../interfaces/ILeases.sol";
import {Ask} from "../../types/Ask.sol";
import {Bid} from "../../types/Bid.sol";
import {Claim} from "../../types/Claim.sol";
import {Dispute} from "../../types/Dispute.sol";
import {Match} from "../../types/Match.sol";
import {Deal, Deals} from "../harness/Deals.sol";

/// A bid cannot be so short that its provider has no time to act
/// ├── a window whose quarter nobody can answer in would slash an honest claim
/// └── a dispute that ends as it begins would leave every job unpaid
/// @dev Each plays the attack through where the match opens, so that it fails by what was lost.
contract ShortTimesTest is Deals {
    uint256 private constant NOBODY_ANSWERS_IN = 2;

    function test_noTimeToAnswer() public {
        (Ask memory ask, Bid memory bid) = (_ask(), _bid());
        bid.window = uint40(NOBODY_ANSWERS_IN);
        Deal memory deal = _dealOf(_pair(ask, bid, 0, bid.fuel));
        if (!_opens(_pair(ask, bid, 0, bid.fuel))) return;

        // Right behind the claim, in its very block.
        Claim memory claim = _claim(deal);
        _demand(deal, claim, 0);
        demands.lapse(deal.terms, deal.scheme, 0);
        same(_free(provider.addr) + _locked(provider.addr), FUNDS, "an honest claim costs nothing");
    }

    function test_noTimeToRule() public {
        (Ask memory ask, Bid memory bid) = (_ask(), _bid());
        bid.disputeLimit = 0;
        Deal memory deal = _dealOf(_pair(ask, bid, 0, bid.fuel));
        if (!_opens(_pair(ask, bid, 0, bid.fuel))) return;

        _claim(deal);
        uint96 owed = leases.leaseOf(deal.id).owed;
        Dispute memory dispute = _challenge(deal, tasker.addr, 0);
        disputes.timeout(deal.terms, dispute);
        same(leases.leaseOf(deal.id).owed, owed, "a job that nobody could judge is paid");
    }

    function _opens(Match memory pair) private returns (bool) {
        try leases.open(pair) returns (bytes32) {
            return true;
        } catch (bytes memory reason) {
            same(bytes32(bytes4(reason)), bytes32(ILeases.Misfit.selector), "a limit of the ask");
            return false;
        }
    }
}
