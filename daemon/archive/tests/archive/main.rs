//! The archive against real parts: a disk, nginx, ffmpeg and GStreamer.

#![allow(clippy::unwrap_used, reason = "a fixture that cannot be made fails the test")]

mod certificates;
mod damage;
mod date;
mod disk;
mod ftp;
mod ftp_server;
mod garbage;
mod hostile;
mod lesson;
mod media;
mod relay;
mod s3;
mod s3_server;
mod server;
mod store;
mod tls;
mod web;
mod word;
