//! What the import does, seen from outside.

mod damage;
mod execution_apis;
mod generated;
mod resume;
mod support;
