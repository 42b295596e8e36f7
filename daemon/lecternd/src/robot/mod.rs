//! A group robot of 企业微信, 钉钉 or 飞书 that tells a school without an engineer
//! what a person must act on.
//!
//! [`plan`] decides, purely, what is said when; [`vendor`] knows the three forms;
//! [`sender`] speaks HTTP; [`mod@unit`] joins them.

mod plan;
mod secret;
mod sender;
mod unit;
mod vendor;

pub(crate) use sender::Address;
pub(crate) use unit::Robot;
pub(crate) use vendor::Kind;
