// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

/// The code that accounts delegate to with a set-code transaction (EIP-7702).
contract Wallet {
    uint256 public uses;

    event Used(address indexed by, uint256 uses);

    function use() external payable {
        uses++;
        emit Used(msg.sender, uses);
    }

    receive() external payable {}
}
