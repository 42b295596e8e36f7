//! Who the box is, and its inventory.

use serde::{Deserialize, Serialize};

/// Whether it is the box or a part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The box.
    Device,
    /// A part of it.
    Service,
}

/// The payload of `te/device/<id>//` and `te/device/<id>/service/<unit>`.
/// Retained.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Registration {
    /// Box or part.
    #[serde(rename = "@type")]
    pub kind: Kind,
    /// Of a part: the box, `device/<id>//`.
    #[serde(rename = "@parent", default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// For people: the box's place, the part's name.
    pub name: String,
    /// `lectern`, or the part's kind such as `camera`.
    #[serde(rename = "type")]
    pub type_: String,
    /// Of the box: the Ed25519 key that its manifests are signed with, 64 hex
    /// digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_key: Option<String>,
}

/// The payload of `twin/software`. Retained.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Software {
    /// `lectern`.
    pub name: String,
    /// Which version runs.
    pub version: String,
}

/// The payload of `twin/place`. Retained.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Place {
    /// Where the box stands, as its owner writes it.
    pub place: String,
    /// IANA name.
    pub time_zone: String,
}
