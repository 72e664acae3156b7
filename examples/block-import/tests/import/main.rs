//! What the import does, seen from outside.

mod bytes;
mod damage;
mod execution_apis;
mod flame;
mod generated;
mod kill;
mod resume;
mod support;
