//! One test binary, one behaviour a file.
mod smoke;
