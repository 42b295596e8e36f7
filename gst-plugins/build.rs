//! Gives the plugin its version and release date (works without a git checkout).

fn main() {
    gst_plugin_version_helper::info()
}
