//! Who the box is to the S3 server, and where it puts its lessons.

/// The only bucket.
pub const BUCKET: &str = "lessons";
/// The key's name; over FTP the user.
pub const KEY_ID: &str = "teacher";
/// The key; over FTP the password.
pub const SECRET: &str = "secret";
