// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {IArbiterScheme} from "../../interfaces/IArbiterScheme.sol";
import {Case, IVerdictReceiver, Verdict} from "../../interfaces/IDisputeScheme.sol";
import {Deals} from "../harness/Deals.sol";

/// open
/// ├── when the leaf names no arbiter: it reverts NoArbiter
/// ├── when the receiver opened it before: it reverts CaseKnown
/// └── else: the arbiter is kept under the receiver that called; another's case of that id is another case
/// rule
/// ├── when the caller is not the case's arbiter, or there is no case: it reverts NotTheArbiter
/// ├── when the receiver reverts: so does it, and the arbiter may rule again
/// └── else: it tells the receiver
/// publishPolicy, publishLeastFee: kept for the caller alone
contract ArbiterSchemeTest is Deals, IVerdictReceiver {
    bytes32 private constant ID = "case";
    Verdict private heard;
    bool private deaf;

    function rule(bytes32, Verdict verdict) external {
        require(!deaf);
        heard = verdict;
    }

    function test_open() public {
        Case memory facts = _facts();
        vm.expectEmit(address(arbiters));
        emit IArbiterScheme.CaseOpened(address(this), ID, arbiter.addr, facts);
        arbiters.open(facts);
        same(arbiters.arbiterOf(address(this), ID), arbiter.addr, "arbiter");
        same(arbiters.arbiterOf(address(disputes), ID), address(0), "of this receiver only");
        vm.prank(stranger.addr);
        arbiters.open(facts);
    }

    function test_noArbiter() public {
        Case memory facts = _facts();
        facts.scheme.arbiter = address(0);
        refuses(abi.encodeWithSelector(IArbiterScheme.NoArbiter.selector, ID));
        arbiters.open(facts);
    }

    function test_openTwice() public {
        Case memory facts = _facts();
        arbiters.open(facts);
        facts.scheme.arbiter = stranger.addr;
        refuses(abi.encodeWithSelector(IArbiterScheme.CaseKnown.selector, address(this), ID));
        arbiters.open(facts);
    }

    function test_rule() public {
        arbiters.open(_facts());
        vm.expectEmit(address(arbiters));
        emit IArbiterScheme.CaseRuled(address(this), ID, arbiter.addr, Verdict.Clean, "same output");
        vm.prank(arbiter.addr);
        arbiters.rule(address(this), ID, Verdict.Clean, "same output");
        same(uint256(heard), uint256(Verdict.Clean), "told");
    }

    function test_ruleByOthers() public {
        arbiters.open(_facts());
        refuses(abi.encodeWithSelector(IArbiterScheme.NotTheArbiter.selector, ID, arbiter.addr, stranger.addr));
        vm.prank(stranger.addr);
        arbiters.rule(address(this), ID, Verdict.Clean, "");
        refuses(abi.encodeWithSelector(IArbiterScheme.NotTheArbiter.selector, bytes32(0), address(0), arbiter.addr));
        vm.prank(arbiter.addr);
        arbiters.rule(address(this), 0, Verdict.Clean, "");
    }

    function test_deafReceiver() public {
        arbiters.open(_facts());
        deaf = true;
        vm.expectRevert();
        vm.prank(arbiter.addr);
        arbiters.rule(address(this), ID, Verdict.Guilty, "");
        deaf = false;
        vm.prank(arbiter.addr);
        arbiters.rule(address(this), ID, Verdict.Guilty, "");
        same(uint256(heard), uint256(Verdict.Guilty), "told");
    }

    function test_policy() public {
        vm.expectEmit(address(arbiters));
        emit IArbiterScheme.PolicyPublished(arbiter.addr, "https://example.org/policy", "hash");
        vm.prank(arbiter.addr);
        arbiters.publishPolicy("https://example.org/policy", "hash");
        (string memory uri, bytes32 hash) = arbiters.policyOf(arbiter.addr);
        same(bytes(uri), "https://example.org/policy", "uri");
        same(hash, "hash", "hash");
        (uri,) = arbiters.policyOf(stranger.addr);
        same(bytes(uri), "", "of this arbiter only");
    }

    function test_leastFee() public {
        vm.expectEmit(address(arbiters));
        emit IArbiterScheme.LeastFeePublished(arbiter.addr, address(token), 7);
        vm.prank(arbiter.addr);
        arbiters.publishLeastFee(address(token), 7);
        same(arbiters.leastFeeOf(arbiter.addr, address(token)), 7, "fee");
        same(arbiters.leastFeeOf(stranger.addr, address(token)), 0, "of this arbiter only");
    }

    function _facts() private view returns (Case memory facts) {
        (facts.id, facts.job, facts.scheme) = (ID, _job(), _scheme());
        (facts.challenger, facts.provider) = (challenger.addr, provider.addr);
    }
}
