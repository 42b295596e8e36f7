//! Pictures of the room, as the daemon hands them out.

use std::path::Path;
use std::time::Duration;

use data_encoding::BASE64;
use lectern_api::picture::Picture;
use tokio::time::timeout;

use super::{Missing, Pictures};
use crate::socket;

/// Sources that are closed are opened first.
const LIMIT: Duration = Duration::from_secs(20);
/// All of them together: a bundle has to go over a poor link.
const MOST_BYTES: usize = 4_000_000;

/// Their paths and bytes, and what is missing.
type Found = (Vec<(String, Vec<u8>)>, Vec<Missing>);

/// Asks for them, where they are wanted.
pub(super) async fn collect(socket: &Path, wanted: Pictures) -> Found {
    if wanted == Pictures::None {
        return Found::default();
    }
    let none = |why: String| (Vec::new(), vec![Missing { path: "pictures".to_owned(), why }]);
    let answer = match timeout(LIMIT, socket::get(socket, "api/v1/pictures")).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => return none(format!("lecternd: {error}")),
        Err(_) => return none(super::late(LIMIT)),
    };
    match serde_json::from_slice(&answer) {
        Ok(pictures) => sorted(pictures),
        Err(error) => none(format!("lecternd: {error}")),
    }
}

fn sorted(pictures: Vec<Picture>) -> Found {
    let (mut found, mut room) = (Found::default(), MOST_BYTES);
    for Picture { source, jpeg, missing } in pictures {
        let path = format!("pictures/{source}.jpg");
        let jpeg = jpeg.and_then(|jpeg| BASE64.decode(jpeg.as_bytes()).ok());
        let why = missing.map_or_else(|| "no picture came".to_owned(), |text| text.en);
        match jpeg {
            Some(jpeg) if jpeg.len() <= room => {
                room -= jpeg.len();
                found.0.push((path, jpeg));
            }
            Some(_) => found.1.push(Missing { path, why: "too large".to_owned() }),
            None => found.1.push(Missing { path, why }),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use lectern_api::messages::doctor as words;
    use lectern_api::{Name, Text};

    use super::*;

    fn picture(source: &str, jpeg: Option<&[u8]>, missing: Option<Text>) -> Picture {
        let jpeg = jpeg.map(|bytes| BASE64.encode(bytes));
        Picture { source: Name::new(source).unwrap(), jpeg, missing }
    }

    #[test]
    fn what_is_not_handed_out_is_missing_with_its_reason() {
        let shut = picture("camera", None, Some(words::picture_shutter()));
        let (files, missing) = sorted(vec![picture("board", Some(b"jpeg"), None), shut]);
        assert_eq!(files, [("pictures/board.jpg".to_owned(), b"jpeg".to_vec())]);
        let [missing] = missing.as_slice() else { panic!("{missing:?}") };
        assert_eq!(missing.path, "pictures/camera.jpg");
        assert!(missing.why.contains("shutter is closed"), "{missing:?}");
    }

    #[test]
    fn pictures_that_are_too_large_together_are_left_out() {
        let large = vec![0; MOST_BYTES / 2 + 1];
        let (files, missing) = sorted(["a", "b"].map(|name| picture(name, Some(&large), None)).into());
        assert_eq!((files.len(), missing.len()), (1, 1));
    }

    #[tokio::test]
    async fn nobody_is_asked_for_pictures_that_nobody_wants() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("control.sock");
        let listener = std::os::unix::net::UnixListener::bind(&path).unwrap();
        listener.set_nonblocking(true).unwrap();
        assert_eq!(collect(&path, Pictures::None).await, Found::default());
        assert!(listener.accept().is_err(), "no question came");
    }
}
