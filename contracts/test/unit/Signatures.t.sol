// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {IEscrow} from "../../interfaces/IEscrow.sol";
import {ILeases} from "../../interfaces/ILeases.sol";
import {IPapers} from "../../interfaces/IPapers.sol";
import {Ask} from "../../types/Ask.sol";
import {Bid} from "../../types/Bid.sol";
import {Match} from "../../types/Match.sol";
import {Deal, Deals} from "../harness/Deals.sol";
import {Party} from "../harness/Market.sol";
import {
    BurningAccount,
    LongWindedAccount,
    OwnedAccount,
    RefusingAccount,
    RevertingAccount,
    TerseAccount
} from "../hostile/Accounts.sol";

/// Who signed an order
/// ├── when it is mutated in s, cut to 64 bytes, empty or of a bad v: it reverts BadOrderSignature
/// ├── when a stranger signed, or the order changed after: it reverts NotAnOperator (whom the signature names is no operator)
/// ├── given a contract for an account
/// │   ├── when it says yes, however many words it adds: it opens
/// │   ├── when it says no, burns all gas, is terse, or reverts: it reverts, within the gas it may use
/// │   └── when it says yes and changes its mind: the lease and its papers stand
/// └── given an operator
///     ├── when within its cap and before its date: it opens, and the cap counts down by what is locked
///     ├── when over its cap: it reverts OverSpendingCap
///     └── when over its date, or of another token: it reverts NotAnOperator
/// Who signed a lease's papers
/// └── when another signed, or s is high, or it is 64 bytes: it reverts BadSignature
contract SignaturesTest is Deals {
    /// @dev The order of secp256k1.
    uint256 private constant ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;

    // ── plain keys ──────────────────────────────────────────────────────────────────────────────────────────────

    function test_malleable() public {
        Match memory pair = _default();
        pair.bidSignature = _highS(pair.bidSignature);
        _badOrder(pair, _digest(_hash(pair.bid)), tasker.addr);
    }

    function test_malleableAsk() public {
        Match memory pair = _default();
        pair.askSignature = _highS(pair.askSignature);
        _badOrder(pair, _digest(_hash(pair.ask)), provider.addr);
    }

    function test_compact() public {
        Match memory pair = _default();
        pair.bidSignature = _compact(pair.bidSignature);
        _badOrder(pair, _digest(_hash(pair.bid)), tasker.addr);
    }

    function test_empty() public {
        Match memory pair = _default();
        pair.bidSignature = "";
        _badOrder(pair, _digest(_hash(pair.bid)), tasker.addr);
    }

    function test_badV() public {
        Match memory pair = _default();
        pair.bidSignature[64] = 0x1d;
        _badOrder(pair, _digest(_hash(pair.bid)), tasker.addr);
    }

    function test_stranger() public {
        Match memory pair = _default();
        pair.bidSignature = _sign(stranger, _hash(pair.bid));
        refuses(_noOperator(tasker.addr, stranger.addr));
        leases.open(pair);
    }

    /// @dev The key signs papers within a lease; it opens none unless the account made it an operator.
    function test_keyIsNoOperator() public {
        Match memory pair = _default();
        pair.bidSignature = _sign(taskerKey, _hash(pair.bid));
        refuses(_noOperator(tasker.addr, taskerKey.addr));
        leases.open(pair);
    }

    /// @dev No account is the zero address, whatever is recovered from a broken signature.
    function test_zeroAccount() public {
        Bid memory bid = _bid();
        bid.account = address(0);
        Match memory pair = _pair(_ask(), bid, 0, bid.fuel);
        pair.bidSignature = new bytes(65);
        _badOrder(pair, _digest(_hash(bid)), address(0));
    }

    function test_changedAfterSigning() public {
        Match memory pair = _default();
        pair.bid.maxPrice += 1;
        vm.expectRevert();
        leases.open(pair);
    }

    // ── contracts ───────────────────────────────────────────────────────────────────────────────────────────────

    function test_contractsAccount() public {
        OwnedAccount account = new OwnedAccount(stranger.addr);
        Deal memory deal = _open(_signedFor(address(account), stranger));

        account.setOwner(challenger.addr);
        leases.redeem(deal.terms, 1 ether, _voucher(deal, 1 ether));
        same(leases.leaseOf(deal.id).paid, 1 ether, "papers stand after the owner changed");
    }

    /// @dev The owner is rotated after a lie was signed: the key in the terms still answers for it.
    function test_rotationDoesNotUndoEvidence() public {
        OwnedAccount account = new OwnedAccount(provider.addr);
        _fund(address(account));
        Ask memory ask = _ask();
        Bid memory bid = _bid();
        ask.account = address(account);
        Deal memory deal = _open(_pair(ask, bid, 0, bid.fuel));
        account.setOwner(stranger.addr);
        _equivocate(deal);
    }

    function test_longAnswer() public {
        Match memory pair = _signedFor(address(new LongWindedAccount()), stranger);
        uint256 before = gasleft();
        leases.open(pair);
        atMost(before - gasleft(), 700_000, "gas with a long answer");
    }

    function test_refusing() public {
        address account = address(new RefusingAccount());
        Match memory pair = _signedFor(account, stranger);
        refuses(_noOperator(account, stranger.addr));
        leases.open(pair);
    }

    function test_terse() public {
        _contractFails(address(new TerseAccount()));
    }

    function test_reverting() public {
        _contractFails(address(new RevertingAccount()));
    }

    function test_burning() public {
        address account = address(new BurningAccount());
        Match memory pair = _signedFor(account, stranger);
        pair.bidSignature = "";
        uint256 before = gasleft();
        _badOrder(pair, _digest(_hash(pair.bid)), account);
        atMost(before - gasleft(), 500_000, "gas with a contract that burns what it gets");
    }

    // ── operators ───────────────────────────────────────────────────────────────────────────────────────────────

    function test_operators() public {
        Match memory pair = _default();
        Deal memory deal = _dealOf(pair);
        uint128 lock = uint128(_lockOf(deal.terms));
        _name(tasker, stranger, lock + 5, uint40(block.timestamp + 1));
        _name(provider, stranger, deal.terms.collateral + 7, uint40(block.timestamp + 1));
        pair.bidSignature = _sign(stranger, _hash(pair.bid));
        pair.askSignature = _sign(stranger, _hash(pair.ask));
        _open(pair);

        (uint128 left,) = escrow.operatorOf(tasker.addr, stranger.addr, address(token));
        same(left, 5, "left of the tasker's cap");
        (left,) = escrow.operatorOf(provider.addr, stranger.addr, address(token));
        same(left, 7, "left of the provider's cap");
    }

    function test_operatorOverCap() public {
        Match memory pair = _default();
        uint256 lock = _lockOf(_termsOf(pair));
        _name(tasker, stranger, uint128(lock - 1), uint40(block.timestamp + 1));
        pair.bidSignature = _sign(stranger, _hash(pair.bid));
        refuses(
            abi.encodeWithSelector(
                IEscrow.OverSpendingCap.selector, tasker.addr, stranger.addr, address(token), lock - 1, lock
            )
        );
        leases.open(pair);
    }

    function test_operatorExpired() public {
        Match memory pair = _default();
        _name(tasker, stranger, type(uint128).max, uint40(block.timestamp));
        pair.bidSignature = _sign(stranger, _hash(pair.bid));
        refuses(_noOperator(tasker.addr, stranger.addr));
        leases.open(pair);
    }

    /// @dev An operator of the provider says nothing for the tasker.
    function test_operatorOfTheOther() public {
        Match memory pair = _default();
        _name(provider, stranger, type(uint128).max, type(uint40).max);
        pair.bidSignature = _sign(stranger, _hash(pair.bid));
        refuses(_noOperator(tasker.addr, stranger.addr));
        leases.open(pair);
    }

    // ── papers ──────────────────────────────────────────────────────────────────────────────────────────────────

    function test_papers() public {
        Deal memory deal = _open();
        bytes memory good = _voucher(deal, 1 ether);
        bytes32 digest = _voucherDigest(deal, 1 ether);
        _badPaper(deal, digest, _highS(good), address(0));
        _badPaper(deal, digest, _compact(good), address(0));
        _badPaper(deal, digest, "", address(0));
        _badPaper(deal, digest, _signDigest(stranger, digest), stranger.addr);
        _badPaper(deal, digest, _signDigest(tasker, digest), tasker.addr);
        leases.redeem(deal.terms, 1 ether, good);
    }

    /// @dev A key of nobody: what recovers to zero is nobody's word either.
    function test_zeroKey() public {
        Bid memory bid = _bid();
        bid.key = address(0);
        Deal memory deal = _open(_pair(_ask(), bid, 0, bid.fuel));
        _badPaper(deal, _voucherDigest(deal, 1 ether), new bytes(65), address(0));
    }

    // ── helpers ─────────────────────────────────────────────────────────────────────────────────────────────────

    function _default() private returns (Match memory) {
        Bid memory bid = _bid();
        return _pair(_ask(), bid, 0, bid.fuel);
    }

    /// @dev A match whose bid is of `account`, which has the money, with a signature by `signer`.
    function _signedFor(address account, Party memory signer) private returns (Match memory pair) {
        _fund(account);
        Bid memory bid = _bid();
        bid.account = account;
        pair = _pair(_ask(), bid, 0, bid.fuel);
        pair.bidSignature = _sign(signer, _hash(bid));
    }

    function _contractFails(address account) private {
        Match memory pair = _signedFor(account, stranger);
        pair.bidSignature = "";
        _badOrder(pair, _digest(_hash(pair.bid)), account);
    }

    function _badOrder(Match memory pair, bytes32 digest, address account) private {
        refuses(abi.encodeWithSelector(ILeases.BadOrderSignature.selector, digest, account, address(0)));
        leases.open(pair);
    }

    function _badPaper(Deal memory deal, bytes32 digest, bytes memory signature, address signer) private {
        refuses(abi.encodeWithSelector(IPapers.BadSignature.selector, digest, deal.terms.taskerKey, signer));
        leases.redeem(deal.terms, 1 ether, signature);
    }

    function _voucherDigest(Deal memory deal, uint96 owed) private view returns (bytes32) {
        return _digest(keccak256(abi.encode(keccak256("Voucher(bytes32 lease,uint96 owed)"), deal.id, owed)));
    }

    function _noOperator(address account, address signer) private view returns (bytes memory) {
        return abi.encodeWithSelector(IEscrow.NotAnOperator.selector, account, signer, address(token));
    }

    function _name(Party memory account, Party memory operator, uint128 cap, uint40 until) private {
        vm.prank(account.addr);
        escrow.setOperator(operator.addr, address(token), cap, until);
    }

    /// @dev The same signature's other form, good for the same key under plain ecrecover.
    function _highS(bytes memory signature) private pure returns (bytes memory) {
        (bytes32 r, bytes32 s, uint8 v) = _split(signature);
        return abi.encodePacked(r, bytes32(ORDER - uint256(s)), v == 27 ? uint8(28) : uint8(27));
    }

    /// @dev EIP-2098.
    function _compact(bytes memory signature) private pure returns (bytes memory) {
        (bytes32 r, bytes32 s, uint8 v) = _split(signature);
        return abi.encodePacked(r, bytes32(uint256(s) | (uint256(v - 27) << 255)));
    }

    function _split(bytes memory signature) private pure returns (bytes32 r, bytes32 s, uint8 v) {
        assembly {
            r := mload(add(signature, 0x20))
            s := mload(add(signature, 0x40))
            v := byte(0, mload(add(signature, 0x60)))
        }
    }
}
