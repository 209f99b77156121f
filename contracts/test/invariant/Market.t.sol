// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Test} from "../harness/Test.sol";
import {Trader} from "./Trader.sol";

/// Whatever parties do, in whatever order
/// ├── solvency and conservation: what the escrow holds is free + locked + sink, and what came in less what went out
/// ├── a lock exists only under a live lease, an open dispute or an open demand, and is exactly what it should be
/// ├── never more is paid than the most, nor filled than was offered
/// ├── states only move forward, the sink only fills, and no free balance falls but by its owner's call or signature
/// └── at last a stranger alone ends everything, and nothing stays locked
contract MarketInvariants is Test {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    Trader private trader;

    function setUp() public {
        trader = new Trader();
        trader.setUp();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(trader);
    }

    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        bytes4[27] memory calls = [
            Trader.open.selector,
            Trader.open.selector,
            Trader.openMore.selector,
            Trader.openJob.selector,
            Trader.redeem.selector,
            Trader.stop.selector,
            Trader.claim.selector,
            Trader.claim.selector,
            Trader.decline.selector,
            Trader.expire.selector,
            Trader.finalise.selector,
            Trader.close.selector,
            Trader.challenge.selector,
            Trader.rule.selector,
            Trader.settle.selector,
            Trader.timeout.selector,
            Trader.equivocate.selector,
            Trader.demand.selector,
            Trader.answer.selector,
            Trader.demandAccepted.selector,
            Trader.lapse.selector,
            Trader.wait.selector,
            Trader.wait.selector,
            Trader.wait.selector,
            Trader.rule.selector,
            Trader.deposit.selector,
            Trader.withdraw.selector
        ];
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(trader), new bytes4[](calls.length));
        for (uint256 i; i < calls.length; ++i) targets[0].selectors[i] = calls[i];
    }

    function invariant_market() public view {
        trader.checkSolvent();
        trader.checkLocks();
        trader.checkLeases();
        trader.checkFilled();
        trader.checkSteps();
    }

    function afterInvariant() public {
        trader.endAll();
    }
}
