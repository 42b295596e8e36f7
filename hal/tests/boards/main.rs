//! What is read from the files of real boards, and from this machine.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod board;
mod capture;
mod memory;
mod network;
mod outputs;
mod power;
mod reset;
mod storage;
mod thermal;
mod whole;
