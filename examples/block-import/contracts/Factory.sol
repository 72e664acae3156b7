// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

/// What the factory makes: remembers its maker and a number.
contract Box {
    address public maker;
    uint256 public number;

    constructor(address maker_, uint256 number_) {
        maker = maker_;
        number = number_;
    }

    function set(uint256 number_) external {
        number = number_;
    }
}

/// Creates boxes at addresses that depend on the salt alone (CREATE2).
contract Factory {
    uint256 public count;

    event Created(address indexed box, bytes32 salt);

    function create(bytes32 salt, uint256 number) external returns (Box box) {
        box = new Box{salt: salt}(msg.sender, number);
        box.set(number + 1);
        count++;
        emit Created(address(box), salt);
    }
}
