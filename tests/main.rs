//! One test binary, one behaviour a file.

#[cfg(unix)]
mod browser;
mod render;
mod smoke;
