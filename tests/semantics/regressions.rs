//! Programs that once were measured wrongly.
