//! A lesson's life: decided in [`machine`], carried out in [`actor`].

pub(crate) mod actor;
pub(crate) mod machine;
