// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

interface IToken {
    function transfer(address to, uint256 amount) external returns (bool);
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
}

/// Exchanges one token for another at constant product, less 0.3 %. Its tokens
/// and reserves are laid down in the genesis file, at slots 0 to 3.
contract Pair {
    IToken public first;
    IToken public second;
    uint256 public firstReserve;
    uint256 public secondReserve;

    event Swap(address indexed trader, bool sellsFirst, uint256 amountIn, uint256 amountOut);

    error NothingToGive();

    function swap(bool sellsFirst, uint256 amountIn) external returns (uint256 amountOut) {
        (uint256 reserveIn, uint256 reserveOut) =
            sellsFirst ? (firstReserve, secondReserve) : (secondReserve, firstReserve);
        uint256 worth = amountIn * 997;
        amountOut = (worth * reserveOut) / (reserveIn * 1000 + worth);
        if (amountOut == 0) revert NothingToGive();

        if (sellsFirst) {
            (firstReserve, secondReserve) = (reserveIn + amountIn, reserveOut - amountOut);
            settle(first, second, amountIn, amountOut);
        } else {
            (secondReserve, firstReserve) = (reserveIn + amountIn, reserveOut - amountOut);
            settle(second, first, amountIn, amountOut);
        }
        emit Swap(msg.sender, sellsFirst, amountIn, amountOut);
    }

    function settle(IToken taken, IToken given, uint256 amountIn, uint256 amountOut) private {
        taken.transferFrom(msg.sender, address(this), amountIn);
        given.transfer(msg.sender, amountOut);
    }
}
