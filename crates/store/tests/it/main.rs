//! The store under faults: torn writes, damaged files, a full disk, older and newer schemas.

mod faults;
mod world;
