//! One test binary, one behaviour a file.

mod oracle;
mod semantics;
mod smoke;
