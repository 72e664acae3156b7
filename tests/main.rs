//! One test binary, one behaviour a file.

mod oracle;
