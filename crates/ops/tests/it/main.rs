//! What people may do, through the public face: a real store in a folder of its own, and two teams from the first test on.

mod account;
mod application;
mod deployment;
mod faults;
mod fixture;
mod look;
mod matrix;
mod variable;
mod webhook;
