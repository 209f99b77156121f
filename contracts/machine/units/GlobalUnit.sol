// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import "../Opcodes.sol" as Op;
import {Access} from "../openings/Access.sol";
import {Region} from "../openings/Region.sol";
import {Step} from "../Step.sol";
import {Status} from "../types/Status.sol";
import {SlotMap} from "./SlotMap.sol";

/// @title Globals, and segments that go
library GlobalUnit {
    using Access for Region;

    function run(Step memory step) internal pure returns (Status) {
        (uint256 opcode, uint256 b) = (step.opcode, step.b);
        if (opcode == Op.GLOBAL_GET || opcode == Op.GLOBAL_SET) {
            if (b >= SlotMap.GLOBALS) return Status.Trapped;
            if (opcode == Op.GLOBAL_GET) step.push(step.slots.slot(b));
            else step.slots.setSlot(b, step.top());
        } else {
            if (b >= SlotMap.SEGMENTS) return Status.Trapped;
            step.slots.setSlot(opcode == Op.DATA_DROP ? SlotMap.dataLength(b) : SlotMap.elementLength(b), 0);
        }
        return Status.Running;
    }
}
