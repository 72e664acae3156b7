//! The service as a process, under load and interrupted.

#[cfg(unix)]
mod load;
#[cfg(unix)]
mod picture;
#[cfg(unix)]
mod shutdown;
#[cfg(unix)]
mod support;
