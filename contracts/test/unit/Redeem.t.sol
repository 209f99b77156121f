// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {ILeases} from "../../interfaces/ILeases.sol";
import {Ask} from "../../types/Ask.sol";
import {Bid} from "../../types/Bid.sol";
import {LeaseStatus} from "../../types/Lease.sol";
import {Deal, Deals} from "../harness/Deals.sol";

/// redeem
/// ├── when no more is owed than was paid: it reverts VoucherStale
/// ├── when more is owed than the lease can come to: it reverts OverTheMost
/// ├── when the signature is not the tasker's key's: it reverts BadSignature (see Signatures)
/// ├── given Open, Stopped or Claimed: the provider gets exactly the difference less its fee, at any time
/// └── however many vouchers it takes: the same is paid in all
contract RedeemTest is Deals {
    function test_pays() public {
        Deal memory deal = _open();
        _redeem(deal, 1 ether);
        same(_free(provider.addr), FUNDS - deal.terms.collateral + 1 ether - 0.001 ether, "less 10 basis points");
        same(_free(matcher.addr), 0.001 ether + 0.005 ether, "both fees");
        same(_locked(tasker.addr), _lockOf(deal.terms) - 1.005 ether, "the rest stays locked");
        same(leases.leaseOf(deal.id).paid, 1 ether, "paid");
        _checkSolvent();
    }

    function test_difference() public {
        Deal memory deal = _open();
        _redeem(deal, 1 ether);
        uint256 before = _free(provider.addr);
        _redeem(deal, 3 ether);
        same(_free(provider.addr), before + 2 ether - 0.002 ether, "the difference");
    }

    function test_feesToTwo() public {
        (Ask memory ask, Bid memory bid) = (_ask(), _bid());
        ask.feeTo = stranger.addr;
        Deal memory deal = _open(_pair(ask, bid, 0, bid.fuel));
        _redeem(deal, 1 ether);
        same(_free(stranger.addr), FUNDS + 0.001 ether, "the provider's matcher");
        same(_free(matcher.addr), 0.005 ether, "the tasker's matcher");
        _checkSolvent();
    }

    function test_stale() public {
        Deal memory deal = _open();
        _refused(deal, 0, abi.encodeWithSelector(ILeases.VoucherStale.selector, deal.id, 0, 0));
        _redeem(deal, 5);
        _refused(deal, 5, abi.encodeWithSelector(ILeases.VoucherStale.selector, deal.id, 5, 5));
        _refused(deal, 4, abi.encodeWithSelector(ILeases.VoucherStale.selector, deal.id, 5, 4));
    }

    function test_most() public {
        Deal memory deal = _open();
        uint96 most = uint96(_most(deal.terms));
        _refused(deal, most + 1, abi.encodeWithSelector(ILeases.OverTheMost.selector, deal.id, most, most + 1));
        _redeem(deal, most);
        // The lock rounds the fee up, what is paid rounds it down.
        atMost(_locked(tasker.addr), 1, "all of the lock but a unit of rounding");
    }

    function test_wheneverTheLockStands() public {
        LeaseStatus[3] memory states = [LeaseStatus.Open, LeaseStatus.Stopped, LeaseStatus.Claimed];
        for (uint256 i; i < states.length; ++i) {
            Deal memory deal = _reach(states[i], false);
            vm.warp(_claimBy(deal) + deal.terms.window);
            _redeem(deal, 1 ether);
            _checkStatus(deal, states[i]);
        }
    }

    function test_ofAJob() public {
        _redeem(_openJob(), 1);
    }

    /// @dev Fees follow from the sum paid, so the parts do not matter.
    /// forge-config: default.fuzz.runs = 300
    /// forge-config: deep.fuzz.runs = 10000
    function testFuzz_parts(uint256 first, uint256 second, uint256 taskerFee, uint256 providerFee) public {
        (Ask memory ask, Bid memory bid) = (_ask(), _bid());
        (bid.takerFee, ask.makerFee) = (uint16(taskerFee % 10_001), uint16(providerFee % 10_001));
        Deal memory deal = _open(_pair(ask, bid, 0, bid.fuel));
        second = within(second, 1, _most(deal.terms));
        first = within(first, 0, second - 1);
        uint256 free = _free(provider.addr);

        if (first > 0) _redeem(deal, uint96(first));
        _redeem(deal, uint96(second));
        uint256 toMatcher = second * bid.takerFee / 10_000 + second * ask.makerFee / 10_000;
        same(_free(matcher.addr), toMatcher, "both fees on the whole");
        same(_free(provider.addr), free + second - second * ask.makerFee / 10_000, "the whole less its fee");
        same(_locked(tasker.addr), _lockOf(deal.terms) - second - second * bid.takerFee / 10_000, "the rest");
        _checkSolvent();
    }

    function _redeem(Deal memory deal, uint96 owed) private {
        bytes memory voucher = _voucher(deal, owed);
        vm.expectEmit(address(leases));
        emit ILeases.Redeemed(deal.id, owed);
        vm.prank(stranger.addr);
        leases.redeem(deal.terms, owed, voucher);
    }

    function _refused(Deal memory deal, uint96 owed, bytes memory reason) private {
        bytes memory voucher = _voucher(deal, owed);
        refuses(reason);
        leases.redeem(deal.terms, owed, voucher);
    }
}
