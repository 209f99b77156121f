// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {ILeases} from "../../interfaces/ILeases.sol";
import {LeaseStatus} from "../../types/Lease.sol";
import {Deal, Deals} from "../harness/Deals.sol";

/// stop
/// ├── given a job lease: it reverts JobLeaseCannotStop
/// └── given an open lease
///     ├── when the caller is neither party nor key: it reverts NotAParty
///     ├── when its end has come: it reverts TooLate
///     └── when either party or its key calls: it stops, and the grace starts now
contract StopTest is Deals {
    function test_job() public {
        Deal memory deal = _openJob();
        vm.prank(tasker.addr);
        refuses(abi.encodeWithSelector(ILeases.JobLeaseCannotStop.selector, deal.id));
        leases.stop(deal.terms);
    }

    function test_stranger() public {
        Deal memory deal = _open();
        vm.prank(stranger.addr);
        refuses(abi.encodeWithSelector(ILeases.NotAParty.selector, deal.id, stranger.addr));
        leases.stop(deal.terms);
    }

    function test_late() public {
        Deal memory deal = _open();
        vm.warp(deal.terms.end);
        vm.prank(tasker.addr);
        refuses(abi.encodeWithSelector(ILeases.TooLate.selector, deal.id, deal.terms.end));
        leases.stop(deal.terms);
    }

    function test_lastSecond() public {
        Deal memory deal = _open();
        vm.warp(deal.terms.end - 1);
        _stop(deal);
        _checkStatus(deal, LeaseStatus.Stopped);
    }

    function test_eitherParty() public {
        address[4] memory callers = [tasker.addr, taskerKey.addr, provider.addr, providerKey.addr];
        for (uint256 i; i < callers.length; ++i) {
            Deal memory deal = _open();
            vm.warp(block.timestamp + 100);
            vm.expectEmit(address(leases));
            emit ILeases.Stopped(deal.id, callers[i]);
            vm.prank(callers[i]);
            leases.stop(deal.terms);
            _checkStatus(deal, LeaseStatus.Stopped);
            same(leases.leaseOf(deal.id).closedAfter, 100, "stopped when");

            vm.warp(block.timestamp + deal.terms.grace - 1);
            refuses(abi.encodeWithSelector(ILeases.TooEarly.selector, deal.id, block.timestamp + 1));
            leases.expire(deal.terms);
            vm.warp(block.timestamp + 1);
            leases.expire(deal.terms);
        }
    }
}
