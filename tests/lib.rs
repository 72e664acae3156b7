//! Behaviour tests across the workspace; see `main.rs`.
