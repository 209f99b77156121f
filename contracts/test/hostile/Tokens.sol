// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @notice What all of the tokens here are but for one fault.
abstract contract MintableToken is ERC20("Hostile", "HOST") {
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }
}

/// @notice Calls its sender before and its receiver after each transfer where they asked for it, as ERC-777 does.
contract CallingToken is MintableToken {
    mapping(address account => bool) public asked;

    function ask(address account) external {
        asked[account] = true;
    }

    function _update(address from, address to, uint256 amount) internal override {
        if (asked[from]) ICalled(from).tokensMoved();
        super._update(from, to, amount);
        if (asked[to]) ICalled(to).tokensMoved();
    }
}

interface ICalled {
    function tokensMoved() external;
}

/// @notice Keeps a tenth of what is sent.
contract FeeToken is MintableToken {
    function _update(address from, address to, uint256 amount) internal override {
        if (from == address(0)) return super._update(from, to, amount);
        super._update(from, address(0xfee), amount / 10);
        super._update(from, to, amount - amount / 10);
    }
}

/// @notice Takes from balances without a transfer.
contract RebasingToken is MintableToken {
    function rebase(address account, uint256 amount) external {
        _burn(account, amount);
    }
}

/// @notice Says no instead of reverting.
contract FalseToken is MintableToken {
    function transferFrom(address, address, uint256) public pure override returns (bool) {
        return false;
    }
}

/// @notice Says nothing, as some large tokens do.
contract SilentToken {
    mapping(address account => uint256) public balanceOf;

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }

    function approve(address, uint256) external {}

    function transfer(address to, uint256 amount) external {
        balanceOf[msg.sender] -= amount;
        balanceOf[to] += amount;
    }

    function transferFrom(address from, address to, uint256 amount) external {
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
    }
}

/// @notice Moves nothing to or from whom it blocks.
contract BlockingToken is MintableToken {
    mapping(address account => bool) public blocked;

    function setBlocked(address account) external {
        blocked[account] = true;
    }

    function _update(address from, address to, uint256 amount) internal override {
        require(!blocked[from] && !blocked[to], "blocked");
        super._update(from, to, amount);
    }
}

/// @notice Says that everybody holds whatever it was told to say.
contract LyingToken is MintableToken {
    uint256 private _extra;

    function lie(uint256 extra) external {
        _extra = extra;
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        _extra += 1_000_000 ether;
        return super.transferFrom(from, to, amount);
    }

    function balanceOf(address account) public view override returns (uint256) {
        return super.balanceOf(account) + _extra;
    }
}
