// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {IPapers} from "../interfaces/IPapers.sol";
import {Result, Ticket} from "../types/Documents.sol";
import {Evidence} from "../types/Evidence.sol";
import {Scheme} from "../types/Scheme.sol";
import {Terms} from "../types/Terms.sol";
import {Signatures} from "./Signatures.sol";

/// @title Whether papers belong to a lease and to each other
library Papers {
    /// @dev Checks that the scheme is the one in the terms.
    function checkScheme(Terms calldata terms, Scheme calldata scheme) internal pure {
        bytes32 leaf = scheme.leaf();
        if (leaf != terms.scheme) revert IPapers.NotTheScheme(leaf, terms.scheme);
    }

    /// @dev Checks a ticket with its result and both signatures.
    /// @return ticket struct hash
    /// @return result struct hash
    function check(Terms calldata terms, bytes32 lease, bytes32 domain, Evidence calldata evidence)
        internal
        pure
        returns (bytes32 ticket, bytes32 result)
    {
        ticket = checkTicket(terms, lease, domain, evidence.ticket, evidence.ticketSignature);
        result = checkResult(terms, lease, domain, ticket, evidence.result, evidence.resultSignature);
    }

    /// @dev Checks that the tasker's key signed this ticket of the lease, or that the bid carried its job.
    function checkTicket(
        Terms calldata terms,
        bytes32 lease,
        bytes32 domain,
        Ticket calldata ticket,
        bytes calldata signature
    ) internal pure returns (bytes32 hash) {
        hash = ticketOf(terms, lease, ticket);
        if (terms.job == 0) {
            Signatures.check(terms.taskerKey, MessageHashUtils.toTypedDataHash(domain, hash), signature);
        }
    }

    /// @dev Checks that the ticket names the lease, and the job where the lease has only one; signatures apart.
    function ticketOf(Terms calldata terms, bytes32 lease, Ticket calldata ticket)
        internal
        pure
        returns (bytes32 hash)
    {
        bool its = ticket.lease == lease;
        if (terms.job != 0) its = its && ticket.index == 0 && ticket.job.hash() == terms.job;
        if (!its) revert IPapers.WrongEvidence(lease);
        return ticket.hash();
    }

    /// @dev Checks that the provider's key signed this result of the ticket.
    function checkResult(
        Terms calldata terms,
        bytes32 lease,
        bytes32 domain,
        bytes32 ticket,
        Result calldata result,
        bytes calldata signature
    ) internal pure returns (bytes32 hash) {
        if (result.ticket != ticket) revert IPapers.WrongEvidence(lease);
        hash = result.hash();
        Signatures.check(terms.providerKey, MessageHashUtils.toTypedDataHash(domain, hash), signature);
    }
}
