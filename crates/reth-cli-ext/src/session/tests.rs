//! Sessions under a clock of the tests own.
