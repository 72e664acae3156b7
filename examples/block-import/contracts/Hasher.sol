// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

/// Spends gas on computing alone, and keeps what came out.
contract Hasher {
    mapping(address caller => bytes32) public last;

    function run(bytes32 seed, uint256 rounds) external returns (bytes32) {
        for (uint256 i = 0; i < rounds; i++) {
            seed = keccak256(abi.encode(seed, i));
        }
        last[msg.sender] = seed;
        return seed;
    }
}
