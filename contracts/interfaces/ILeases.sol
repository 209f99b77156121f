// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Claim} from "../types/Claim.sol";
import {Closing} from "../types/Closing.sol";
import {Lease, LeaseStatus} from "../types/Lease.sol";
import {Match} from "../types/Match.sol";
import {Terms} from "../types/Terms.sol";
import {IPapers} from "./IPapers.sol";

/// @notice Which limit of two orders did not fit.
enum Limit {
    Price, // ask.price ≤ bid.maxPrice
    JobFuel, // ask.jobFuel ≤ bid.maxJobFuel
    MaxFuel, // bid.maxFuel ≤ ask.maxFuel
    Collateral, // ask.collateral ≥ bid.collateral
    Retainer, // ask.retainer ≤ bid.maxRetainer
    ClaimFee, // ask.claimFee ≤ bid.maxClaimFee
    LateFee, // ask.lateFee ≥ bid.minLateFee
    Memory, // ask.memoryPages ≥ bid.memoryPages
    Duration, // from opening to the end ≤ ask.maxLease
    Grace, // ask.minGrace ≤ bid.grace; job leases have none
    Window, // bid.window ≤ ask.maxWindow
    Dispute, // bid.disputeLimit ≤ ask.maxDispute
    LeastWindow, // 4 · ask.minGrace ≤ bid.window
    LeastDispute // 4 · ask.minGrace ≤ bid.disputeLimit
}

/// @notice Why a collateral was slashed.
enum Guilt {
    Verdict, // the scheme found a result wrong
    LeafNotShown, // a claim's leaf was demanded and not shown in time
    Equivocation // two results were signed for one ticket
}

/// @title The lease book
/// @notice Opens, pays and ends leases. Every lock and every payment goes through it; it never holds a token.
///
/// A lease's name is the EIP-712 struct hash of its Terms. They hold the digests of both signed orders, which name
/// this contract and its chain, so no lease is good anywhere else. The chain keeps one slot for a lease, and
/// callers send its terms again.
///
/// Money. Let `most` = ceil(price · fuel / 10^9) + retainer + claimFee. The tasker locks most + ceil(most ·
/// taskerFee / 10^4), the provider its collateral. What is paid is counted cumulatively in `paid`, and so are both
/// fees: each party has paid floor(paid · fee / 10^4) to the order's feeTo. Fees are taken on all that is paid, on
/// nothing else. One job earns floor(price · (fuelUsed + jobFuel) / 10^9).
///
/// Times. claimBy = (end, or when it was stopped) + grace. closedAt = when it was claimed or declined, else
/// claimBy. over = closedAt + window. "Before t" means block.timestamp < t.
///
/// Nobody owns a power over it: no owner, no pause, no upgrade.
interface ILeases is IPapers {
    // ── events ──────────────────────────────────────────────────────────────────────────────────────────────────

    /// @notice A lease opened. Its Terms follow from both orders and these values.
    event Opened(
        bytes32 indexed id,
        bytes32 indexed ask,
        bytes32 indexed bid,
        uint64 seq,
        uint64 fuel,
        uint40 openedAt,
        bool bidIsMaker
    );
    /// @notice The match at `position` of a batch did not open; `reason` is the error's data.
    event MatchSkipped(uint256 indexed position, bytes32 indexed ask, bytes32 indexed bid, bytes reason);
    /// @notice No new tickets: what was run can be claimed for the terms' grace from now on.
    event Stopped(bytes32 indexed id, address by);
    /// @notice The provider claims `sum` for all results. `owed` is what the lease now comes to: retainer and sum,
    ///         less what timed-out disputes took off; with the claim's fee on top where vouchers fall short of it.
    event Claimed(bytes32 indexed id, bytes32 root, uint32 count, uint96 sum, uint96 owed);
    /// @notice The provider gave up. `reason` is a short code in ASCII.
    event Declined(bytes32 indexed id, bytes32 reason);
    /// @notice Nobody claimed in time.
    event Unclaimed(bytes32 indexed id);
    /// @notice The provider was paid up to `owed`.
    event Redeemed(bytes32 indexed id, uint96 owed);
    /// @notice Both keys ended the lease with `owed` paid in all.
    event Closed(bytes32 indexed id, uint96 owed);
    /// @notice The closing at `position` of a batch did not happen; `reason` is the error's data.
    event CloseSkipped(uint256 indexed position, bytes32 indexed id, bytes reason);
    /// @notice The lease is over with `paid` paid in all.
    event Final(bytes32 indexed id, uint96 paid);
    /// @notice The lease at `position` of a batch was not finalised; `reason` is the error's data.
    event FinaliseSkipped(uint256 indexed position, bytes32 indexed id, bytes reason);
    /// @notice The collateral was slashed: so much went to the arbiter, the tasker, who proved it, and nobody.
    event Slashed(
        bytes32 indexed id,
        Guilt guilt,
        address indexed winner,
        uint256 toArbiter,
        uint256 toTasker,
        uint256 toWinner,
        uint256 burned
    );
    /// @notice A challenger lost its bond: so much went to the arbiter, the provider, and nobody. Or only the
    ///         arbiter's part of it, where it was right and both keys closed the lease over the verdict.
    event BondForfeited(
        bytes32 indexed id, address indexed challenger, uint256 toArbiter, uint256 toProvider, uint256 burned
    );
    /// @notice A dispute ran out of time: `amount` is taken off what the lease's claim comes to, now or later.
    event Voided(bytes32 indexed id, uint96 amount);
    /// @notice An accepted job was not delivered: `amount` went from the collateral to the tasker.
    event LateFeePaid(bytes32 indexed id, uint256 amount);
    /// @notice `account` cancelled the nonces 256·word + i for each set bit i of `mask`.
    event NoncesCancelled(address indexed account, uint64 word, uint256 mask);
    /// @notice `account` cancelled every nonce below `nonce`.
    event NoncesCancelledBelow(address indexed account, uint64 nonce);

    // ── errors ──────────────────────────────────────────────────────────────────────────────────────────────────

    /// @notice Neither `account` nor its contract signed `digest`; `signer` is whom the signature belongs to, if
    ///         anybody. (A signer that is no operator either is refused by the escrow: NotAnOperator.)
    error BadOrderSignature(bytes32 digest, address account, address signer);
    /// @notice The order `digest` was good before `expiry`.
    error OrderExpired(bytes32 digest, uint40 expiry);
    /// @notice `account` cancelled `nonce`, or an attempt with it has opened already.
    error NonceSpent(address account, uint64 nonce);
    /// @notice The orders speak of different tokens.
    error TokensDiffer(address ask, address bid);
    /// @notice The bid wants another provider.
    error WrongProvider(address wanted, address provider);
    /// @notice The orders do not fit. `ask` and `bid` are the values that each sets for this limit.
    error Misfit(Limit limit, uint256 ask, uint256 bid);
    /// @notice The bid was matched already, or not yet so often: `expected` is the only seq that can open now.
    error WrongSeq(bytes32 bid, uint64 expected, uint64 seq);
    /// @notice Of the order `digest`, `left` fuel is left, and `fuel` was asked for.
    error OverFilled(bytes32 digest, uint64 left, uint64 fuel);
    /// @notice The order `digest` opens no lease of less than `least` fuel.
    error FillTooSmall(bytes32 digest, uint64 least, uint64 fuel);
    /// @notice A bid with a job is all or nothing.
    error NotAllOfIt(bytes32 bid, uint64 wanted, uint64 fuel);
    /// @notice The bid grants `attempts` attempts, and `seq` (from 0) is past them.
    error NoAttemptLeft(bytes32 bid, uint8 attempts, uint64 seq);
    /// @notice These terms are not those of the attempt before this one.
    error NotThePreviousAttempt(bytes32 bid, uint64 seq);
    /// @notice The attempt before was paid, or can still be claimed.
    error PreviousAttemptStands(bytes32 id, LeaseStatus status, uint96 paid);
    /// @notice The bid names another scheme leaf, or the ask's root does not hold it.
    error SchemeNotAccepted(bytes32 leaf, bytes32 wanted, bytes32 root);
    /// @notice A bond must at least pay the arbiter.
    error BondTooSmall(uint96 bond, uint96 arbiterFee);
    /// @notice No fee may exceed all that is paid (10,000 basis points).
    error FeeTooHigh(uint16 fee);
    /// @notice The lease would end in the past.
    error EndsInThePast(uint40 end);
    /// @notice The orders' limits add up to more than an amount (96 bits) or a time (32 bits of seconds) can hold.
    error TooLarge(uint256 value);
    /// @notice A lease of no fuel.
    error NoFuel();

    /// @notice The lease stands at `status`, where this cannot be done.
    error WrongStatus(bytes32 id, LeaseStatus status);
    /// @notice Only this lease's provider or tasker, or their keys, may do this.
    error NotAParty(bytes32 id, address caller);
    /// @notice It was possible before `deadline`.
    error TooLate(bytes32 id, uint256 deadline);
    /// @notice It will be possible from `from`.
    error TooEarly(bytes32 id, uint256 from);
    /// @notice A job lease ends by itself; only the provider can give it up, by declining.
    error JobLeaseCannotStop(bytes32 id);
    /// @notice `owed` is no more than the `paid` already paid.
    error VoucherStale(bytes32 id, uint96 paid, uint96 owed);
    /// @notice `owed` is more than the lease can come to.
    error OverTheMost(bytes32 id, uint256 most, uint256 owed);
    /// @notice A claim holds at most 2^20 results, a job lease's its only one, and an empty one is worth nothing.
    error BadClaim(uint32 count, uint96 sum);
    /// @notice Disputes or demands are still open.
    error StillContested(bytes32 id, uint8 disputes, uint8 demands);
    /// @notice Somebody besides the tasker disputes a result: no closing over its head.
    error ThirdPartyDispute(bytes32 id);

    // ── opening ─────────────────────────────────────────────────────────────────────────────────────────────────

    /// @notice Opens a lease from two signed orders, checking every limit that either signed. Anyone may call.
    ///
    /// The price is the ask's. A job's bid opens whole, once for each attempt `seq` = 0, 1, … , each burning the
    /// nonce bid.nonce + seq; its lease ends at min(bid.end, now + bid.attemptTime), can be claimed until then and
    /// no later; a later attempt shows in `previous` the one before, which must be unpaid and past claiming;
    /// if nobody ended that one, this does as `expire` would. Any
    /// other bid opens by parts, and `seq` must equal filled(bid); taken whole at once it burns its nonce instead.
    ///
    /// An order is signed by its account (plain key or ERC-1271, which gets 100,000 gas) or by an operator that
    /// the account named in the escrow, whose cap counts down by what is locked.
    /// @return id the lease's name
    function open(Match calldata pair) external returns (bytes32 id);

    /// @notice Opens what can be opened; the rest is skipped, each with MatchSkipped.
    function openBatch(Match[] calldata pairs) external;

    // ── while it runs ───────────────────────────────────────────────────────────────────────────────────────────

    /// @notice Ends the lease before its end; its grace starts now. Either party or its key. Not in a job lease.
    function stop(Terms calldata terms) external;

    /// @notice Pays the provider up to `owed`, on the voucher of the tasker's key. Anyone may call.
    /// @dev While the tasker's lock stands: in Open, Stopped and Claimed.
    function redeem(Terms calldata terms, uint96 owed, bytes calldata signature) external;

    /// @notice Ends the lease at once on both keys' word, with `owed` paid in all. Anyone may call.
    /// @dev In any live state. Refused while a dispute of a third party is open; the tasker's own become moot, but
    ///      a verdict that came before still pays its arbiter.
    function close(Closing calldata closing) external;

    /// @notice Closes what can be closed; the rest is skipped, each with CloseSkipped.
    function closeBatch(Closing[] calldata closings) external;

    // ── its end ─────────────────────────────────────────────────────────────────────────────────────────────────

    /// @notice Claims all results of the lease at once, from index 0. Once, by the provider or its key, before
    ///         claimBy. Paid by `finalise`, where vouchers have not: retainer + sum, and the claim's fee if what
    ///         vouchers paid by then, redeemed by whomever, fell short.
    /// @dev Results whose disputes timed out stay in the tree; what they amounted to is taken off.
    function claim(Terms calldata terms, Claim calldata what) external;

    /// @notice Gives the lease up, before claimBy, by the provider or its key: the tasker's rest is free at once.
    /// @param reason a short code in ASCII, for people and statistics
    function decline(Terms calldata terms, bytes32 reason) external;

    /// @notice Frees the tasker's rest where nobody claimed, from claimBy. Anyone may call.
    function expire(Terms calldata terms) external;

    /// @notice Ends a lease that is over, with no dispute and no demand open: pays the claim, frees the rest.
    ///         Anyone.
    /// @dev From any live state; Open and Stopped need no `expire` before.
    function finalise(Terms calldata terms) external;

    /// @notice Finalises what can be finalised; the rest is skipped, each with FinaliseSkipped.
    function finaliseBatch(Terms[] calldata terms) external;

    // ── cancelling ──────────────────────────────────────────────────────────────────────────────────────────────

    /// @notice Cancels the caller's orders whose nonces are 256·word + i for each set bit i of `mask`.
    function cancelNonces(uint64 word, uint256 mask) external;

    /// @notice Cancels all the caller's orders with nonces below `nonce`.
    function cancelBelow(uint64 nonce) external;

    // ── views ───────────────────────────────────────────────────────────────────────────────────────────────────

    /// @notice The lease's slot; status None if it never opened.
    function leaseOf(bytes32 id) external view returns (Lease memory);

    /// @notice keccak256(abi.encode(root, count, sum)) of the lease's claim; 0 where there is none, or none any
    ///         more.
    function claimOf(bytes32 id) external view returns (bytes32);

    /// @notice Fuel of the order `digest` that went into leases by parts. Bids that open whole, and those with a
    ///         job, burn nonces instead and stay at 0.
    function filled(bytes32 digest) external view returns (uint64);

    /// @notice The set bits of 256 nonces of `account`: cancelled or burned.
    function nonceBits(address account, uint64 word) external view returns (uint256);

    /// @notice The lowest nonce of `account` that is not cancelled by `cancelBelow`.
    function lowestNonce(address account) external view returns (uint64);

    /// @notice EIP-712 domain separator of every document (name "Millrace", version "1", this contract).
    function domainSeparator() external view returns (bytes32);

    /// @notice The holder of the tokens.
    function escrow() external view returns (address);

    /// @notice The contract that keeps disputes.
    function disputes() external view returns (address);

    /// @notice The contract that keeps demands.
    function demands() external view returns (address);
}
