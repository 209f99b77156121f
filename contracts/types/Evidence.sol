// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Result, Ticket} from "./Documents.sol";

/// @notice A ticket with its result, as both keys signed them. In a job lease the ticket's signature is empty: the
///         bid carried the job.
struct Evidence {
    Ticket ticket;
    bytes ticketSignature;
    Result result;
    bytes resultSignature;
}

/// @notice Shows that an output was delivered. One of the two; neither is needed where the terms waive delivery.
struct Receipt {
    bytes signature; // over Delivered, by the tasker's key or the store's
    bytes output; // else the output itself, at most 8 KiB
}
