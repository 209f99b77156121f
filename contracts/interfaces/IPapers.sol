// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

/// @title Errors that several of the contracts share: mostly, what can be wrong with a lease's papers
interface IPapers {
    /// @notice These do not belong together: another lease's ticket, another ticket's result, another job, more
    ///         fuel than the job allows.
    error WrongEvidence(bytes32 lease);
    /// @notice `signer` signed instead of `key`.
    error BadSignature(bytes32 digest, address key, address signer);
    /// @notice The claim shown is not the lease's.
    error NotTheClaim(bytes32 lease);
    /// @notice The leaf does not stand at `index` of the lease's claim.
    error NotInTheClaim(bytes32 lease, uint32 index);
    /// @notice The scheme shown is not the one in the terms.
    error NotTheScheme(bytes32 leaf, bytes32 wanted);
    /// @notice No lease has these terms.
    error NoSuchLease(bytes32 id);
    /// @notice The contract at `other` names another address in this one's place.
    error WrongDeployment(address other);
}
