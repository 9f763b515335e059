//! A machine: programs run by argv, never through a shell.
