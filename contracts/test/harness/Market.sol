// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {IArbiterScheme} from "../../interfaces/IArbiterScheme.sol";
import {IDemands} from "../../interfaces/IDemands.sol";
import {IDisputes} from "../../interfaces/IDisputes.sol";
import {IEscrow} from "../../interfaces/IEscrow.sol";
import {ILeaseBook} from "../../interfaces/ILeaseBook.sol";
import {TestToken} from "../../tokens/TestToken.sol";
import {Test} from "./Test.sol";

/// @notice Somebody with a key. Keys follow from names, so that a trace reads the same on every run.
struct Party {
    address addr;
    uint256 secret;
}

/// @notice The market as it is deployed, its parties, and their money.
/// @dev The contracts are taken as Hardhat built them, byte for byte what goes on chain. So forge need not compile them
///      again, and tests can do without the optimizer.
abstract contract Market is Test {
    uint256 internal constant FUNDS = 1_000_000 ether;
    uint256 internal constant START = 1_800_000_000;

    IEscrow internal escrow;
    ILeaseBook internal leases;
    IDisputes internal disputes;
    IDemands internal demands;
    IArbiterScheme internal arbiters;
    TestToken internal token;
    bytes32 internal domain;

    Party internal tasker = _party("tasker");
    Party internal taskerKey = _party("tasker's key");
    Party internal provider = _party("provider");
    Party internal providerKey = _party("provider's key");
    Party internal challenger = _party("challenger");
    Party internal arbiter = _party("arbiter");
    Party internal store = _party("store");
    Party internal matcher = _party("matcher");
    Party internal stranger = _party("stranger");

    /// @dev Everyone who may hold money in a test with a single market.
    function _everybody() internal view virtual returns (address[] memory all) {
        all = new address[](9);
        (all[0], all[1], all[2]) = (tasker.addr, provider.addr, challenger.addr);
        (all[3], all[4], all[5]) = (arbiter.addr, matcher.addr, stranger.addr);
        (all[6], all[7], all[8]) = (taskerKey.addr, providerKey.addr, address(0));
    }

    function setUp() public virtual {
        vm.warp(START);
        uint256 nonce = vm.getNonce(address(this));
        address book = _creates(nonce + 1);
        escrow = IEscrow(_deploy("Escrow.sol/Escrow", abi.encode(book)));
        _deploy("Leases.sol/Leases", abi.encode(address(escrow), _creates(nonce + 2), _creates(nonce + 3)));
        leases = ILeaseBook(book);
        disputes = IDisputes(_deploy("Disputes.sol/Disputes", abi.encode(book)));
        demands = IDemands(_deploy("Demands.sol/Demands", abi.encode(book)));
        arbiters = IArbiterScheme(_deploy("schemes/ArbiterScheme.sol/ArbiterScheme", ""));
        token = new TestToken("Test", "TEST", 18);
        domain = leases.domainSeparator();

        _fund(tasker.addr);
        _fund(taskerKey.addr);
        _fund(provider.addr);
        _fund(challenger.addr);
        _fund(stranger.addr);
    }

    function _party(string memory name) internal pure returns (Party memory) {
        uint256 secret = uint256(keccak256(bytes(name)));
        return Party(vm.addr(secret), secret);
    }

    function _fund(address account) internal {
        token.mint(address(this), FUNDS);
        token.approve(address(escrow), FUNDS);
        escrow.deposit(address(token), FUNDS, account);
    }

    function _free(address account) internal view returns (uint256 free) {
        (free,) = escrow.balanceOf(account, address(token));
    }

    function _locked(address account) internal view returns (uint256 locked) {
        (, locked) = escrow.balanceOf(account, address(token));
    }

    /// @dev What the escrow says it holds for everybody and for nobody; solvency is that it holds that much.
    function _checkSolvent() internal view {
        uint256 sum = escrow.sink(address(token));
        address[] memory all = _everybody();
        for (uint256 i; i < all.length; ++i) sum += _free(all[i]) + _locked(all[i]);
        same(token.balanceOf(address(escrow)), sum, "free + locked + sink");
    }

    function _checkNothingLocked() internal view {
        address[] memory all = _everybody();
        for (uint256 i; i < all.length; ++i) same(_locked(all[i]), 0, "nothing stays locked");
    }

    /// @dev A typed-data signature of 65 bytes over a struct hash.
    function _sign(Party memory who, bytes32 structHash) internal view returns (bytes memory) {
        return _signDigest(who, _digest(structHash));
    }

    function _signDigest(Party memory who, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(who.secret, digest);
        return abi.encodePacked(r, s, v);
    }

    function _digest(bytes32 structHash) internal view returns (bytes32) {
        return keccak256(abi.encodePacked(hex"1901", domain, structHash));
    }

    function _deploy(string memory path, bytes memory arguments) internal returns (address deployed) {
        bytes memory code =
            abi.encodePacked(vm.getCode(string.concat("artifacts/contracts/", path, ".json")), arguments);
        assembly {
            deployed := create(0, add(code, 0x20), mload(code))
        }
        holds(deployed != address(0), path);
    }

    /// @dev The address of this contract's creation with `nonce`, from 1 to 127.
    function _creates(uint256 nonce) internal view returns (address) {
        bytes memory rlp = abi.encodePacked(hex"d694", address(this), uint8(nonce));
        return address(uint160(uint256(keccak256(rlp))));
    }
}
