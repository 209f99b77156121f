// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {IDocket, Matter} from "../../interfaces/IDocket.sol";
import {IPapers} from "../../interfaces/IPapers.sol";
import {Guilt} from "../../interfaces/ILeases.sol";
import {Deal, Deals} from "../harness/Deals.sol";

/// constructors
/// └── when the others name another address: they revert WrongDeployment
/// enter, release, forfeit, voidJob, chargeLate, slash
/// └── when the caller is neither `disputes` nor `demands`: they revert NotTheDocket
contract DocketTest is Deals {
    function test_addresses() public view {
        same(leases.escrow(), address(escrow), "escrow");
        same(leases.disputes(), address(disputes), "disputes");
        same(leases.demands(), address(demands), "demands");
    }

    /// @dev None of the four is deployed where the others do not name it.
    function test_wrongDeployments() public {
        bytes memory reason = abi.encodeWithSelector(IPapers.WrongDeployment.selector, address(leases));
        refuses(reason);
        this.deploy("Disputes.sol/Disputes", abi.encode(address(leases)));
        refuses(reason);
        this.deploy("Demands.sol/Demands", abi.encode(address(leases)));
        refuses(abi.encodeWithSelector(IPapers.WrongDeployment.selector, address(escrow)));
        this.deploy("Leases.sol/Leases", abi.encode(address(escrow), address(disputes), address(demands)));
    }

    /// @dev From outside, and passing the constructor's error on.
    function deploy(string calldata path, bytes calldata arguments) external {
        bytes memory code =
            abi.encodePacked(vm.getCode(string.concat("artifacts/contracts/", path, ".json")), arguments);
        assembly {
            let deployed := create(0, add(code, 0x20), mload(code))
            if iszero(deployed) {
                returndatacopy(0, 0, returndatasize())
                revert(0, returndatasize())
            }
        }
    }

    function test_notTheDocket() public {
        Deal memory deal = _open();
        address[4] memory callers = [tasker.addr, provider.addr, arbiter.addr, address(arbiters)];
        for (uint256 i; i < callers.length; ++i) {
            bytes memory reason = abi.encodeWithSelector(IDocket.NotTheDocket.selector, callers[i]);
            _as(callers[i], reason);
            leases.enter(deal.terms, Matter.Dispute, tasker.addr, 1);
            _as(callers[i], reason);
            leases.release(deal.terms, Matter.Dispute, tasker.addr, 1, callers[i]);
            _as(callers[i], reason);
            leases.forfeit(deal.terms, deal.scheme, tasker.addr, 1, true);
            _as(callers[i], reason);
            leases.voidJob(deal.terms, tasker.addr, 1, 1);
            _as(callers[i], reason);
            leases.chargeLate(deal.terms, tasker.addr, 1);
            _as(callers[i], reason);
            leases.slash(deal.terms, deal.scheme, Guilt.Verdict, callers[i], 1);
        }
    }

    /// @dev 255 late fees at most are counted: the next are worth nothing instead of blocking the demand's end.
    function test_lateFeesStopCounting() public {
        Deal memory deal = _open();
        uint256 before = _free(tasker.addr);
        for (uint256 i; i < 256; ++i) {
            vm.prank(address(demands));
            leases.enter(deal.terms, Matter.Demand, stranger.addr, 0);
            vm.prank(address(demands));
            leases.chargeLate(deal.terms, stranger.addr, 0);
        }
        same(leases.leaseOf(deal.id).lateFees, 255, "counted");
        same(_free(tasker.addr) - before, 255 * uint256(deal.terms.lateFee), "paid");
        _checkSolvent();
    }

    function _as(address caller, bytes memory reason) private {
        refuses(reason);
        vm.prank(caller);
    }
}
