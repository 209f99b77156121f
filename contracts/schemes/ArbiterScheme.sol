// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {IArbiterScheme} from "../interfaces/IArbiterScheme.sol";
import {Case, IDisputeScheme, IVerdictReceiver, Verdict} from "../interfaces/IDisputeScheme.sol";

/// @title ArbiterScheme
contract ArbiterScheme is IArbiterScheme {
    struct Policy {
        string uri;
        bytes32 hash;
    }

    /// @inheritdoc IArbiterScheme
    mapping(address receiver => mapping(bytes32 caseId => address)) public arbiterOf;
    /// @inheritdoc IArbiterScheme
    mapping(address arbiter => Policy) public policyOf;
    /// @inheritdoc IArbiterScheme
    mapping(address arbiter => mapping(address token => uint96)) public leastFeeOf;

    /// @inheritdoc IDisputeScheme
    function open(Case calldata facts) external {
        address arbiter = facts.scheme.arbiter;
        if (arbiter == address(0)) revert NoArbiter(facts.id);
        if (arbiterOf[msg.sender][facts.id] != address(0)) revert CaseKnown(msg.sender, facts.id);

        arbiterOf[msg.sender][facts.id] = arbiter;
        emit CaseOpened(msg.sender, facts.id, arbiter, facts);
    }

    /// @inheritdoc IArbiterScheme
    function rule(address receiver, bytes32 caseId, Verdict verdict, bytes calldata reason) external {
        address arbiter = arbiterOf[receiver][caseId];
        if (msg.sender != arbiter) revert NotTheArbiter(caseId, arbiter, msg.sender);

        emit CaseRuled(receiver, caseId, arbiter, verdict, reason);
        IVerdictReceiver(receiver).rule(caseId, verdict);
    }

    /// @inheritdoc IArbiterScheme
    function publishPolicy(string calldata uri, bytes32 hash) external {
        policyOf[msg.sender] = Policy(uri, hash);
        emit PolicyPublished(msg.sender, uri, hash);
    }

    /// @inheritdoc IArbiterScheme
    function publishLeastFee(address token, uint96 fee) external {
        leastFeeOf[msg.sender][token] = fee;
        emit LeastFeePublished(msg.sender, token, fee);
    }
}
