//! What machine this is.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::tree::Tree;

/// A machine's name and what runs on it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Machine {
    /// What its maker calls it.
    pub model: Option<String>,
    /// The kernel's version, such as `6.1.0-40-amd64`.
    pub kernel: Option<String>,
}

/// What makers of PC boards leave in place of a name.
const NO_NAMES: [&str; 6] = [
    "Default string",
    "Not Applicable",
    "Not Specified",
    "System Product Name",
    "System manufacturer",
    "To Be Filled By O.E.M.",
];

impl Machine {
    /// Looks below `root`. Sources: `/proc/device-tree/model` of boards,
    /// `/sys/class/dmi/id` of PCs, `/proc/sys/kernel/osrelease`.
    #[must_use]
    pub fn read(root: &Path) -> Self {
        let tree = Tree::new(root);
        let named = |place: &str| tree.text(place).filter(|name| !NO_NAMES.contains(&name.as_str()));
        let of_a_pc = || {
            let parts = ["sys_vendor", "product_name"].map(|file| named(&format!("sys/class/dmi/id/{file}")));
            let parts: Vec<String> = parts.into_iter().flatten().collect();
            (!parts.is_empty()).then(|| parts.join(" "))
        };
        Self {
            model: named("proc/device-tree/model").or_else(of_a_pc),
            kernel: tree.text("proc/sys/kernel/osrelease"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine(files: &[(&str, &str)]) -> Machine {
        let root = tempfile::tempdir().unwrap();
        for (path, content) in files {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
        Machine::read(root.path())
    }

    #[test]
    fn a_board_and_a_pc_tell_their_names_and_what_is_no_name_is_none() {
        assert_eq!(machine(&[]), Machine::default());
        let board = [("proc/device-tree/model", "Raspberry Pi 4 Model B Rev 1.4\0")];
        assert_eq!(machine(&board).model.as_deref(), Some("Raspberry Pi 4 Model B Rev 1.4"));
        let [vendor, product] = ["sys/class/dmi/id/sys_vendor", "sys/class/dmi/id/product_name"];
        let pc = machine(&[(vendor, "QEMU\n"), (product, "Standard PC\n")]);
        assert_eq!(pc.model.as_deref(), Some("QEMU Standard PC"));
        let nameless = [(vendor, "Default string\n"), (product, "To Be Filled By O.E.M.\n")];
        assert_eq!(machine(&nameless).model, None);
        let kernel = machine(&[("proc/sys/kernel/osrelease", "6.1.0-40-amd64\n")]);
        assert_eq!(kernel.kernel.as_deref(), Some("6.1.0-40-amd64"));
    }
}
