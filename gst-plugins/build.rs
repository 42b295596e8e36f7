//! Gives the plugin its version and release date (works without a git checkout).

fn main() {
    // Set to a commit's hour when a package of it is built: that one's name is
    // asked for, not kept from the commit that was built here before.
    println!("cargo:rerun-if-env-changed=SOURCE_DATE_EPOCH");
    println!("cargo:rerun-if-changed=build.rs");
    gst_plugin_version_helper::info();
}
