//! What the codes of S3's refusals mean, and the times that come with them.

use http::StatusCode;
use jiff::{SignedDuration, Timestamp};

use super::StoreError;

/// How far the clocks of box and store may be apart: S3 refuses more.
pub(super) const TOLERATED_SKEW: SignedDuration = SignedDuration::from_mins(15);

/// A `Date` header.
pub(super) fn http_date(text: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::parse(text).ok().map(|date| date.timestamp())
}

/// The `x-amz-date` of a signed request: `20260302T080000Z`.
pub(super) fn signing_date(text: &str) -> Option<Timestamp> {
    let civil = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", text).ok()?;
    civil.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|date| date.timestamp())
}

/// Names a refusal by its code, and by its status where the code is not known
/// or absent, as with HEAD.
pub(super) fn named(store: String, path: String, status: StatusCode, code: &str) -> StoreError {
    let why = match code {
        "" => format!("HTTP {status}"),
        "AccessDenied" => "the key has no right to do this (AccessDenied)".to_owned(),
        "InvalidAccessKeyId" => "it does not know the access key (InvalidAccessKeyId)".to_owned(),
        "SignatureDoesNotMatch" => {
            "secret, region or endpoint do not belong to the key (SignatureDoesNotMatch)".to_owned()
        }
        "ExpiredToken" | "SecurityTokenExpired" => format!("the temporary key has ended ({code})"),
        _ => format!("{code}, HTTP {}", status.as_u16()),
    };
    match code {
        "NoSuchBucket" => StoreError::NoBucket { store },
        "ExpiredToken"
        | "SecurityTokenExpired"
        | "InvalidToken"
        | "InvalidSecurity"
        | "TokenRefreshRequired" => StoreError::Refused { store, path, why },
        "QuotaExceeded"
        | "EntityTooLarge"
        | "XMinioStorageFull"
        | "XMinioAdminBucketQuotaExceeded"
        | "InsufficientStorage"
        | "InsufficientCapacity" => StoreError::NoRoom { store, path, why },
        // The bytes were changed or lost on their way, or it was too slow.
        "BadDigest"
        | "InvalidDigest"
        | "XAmzContentSHA256Mismatch"
        | "IncompleteBody"
        | "RequestTimeout"
        | "SlowDown"
        | "OperationAborted" => StoreError::ServerFault { store, path, why },
        _ if status.as_u16() == 425 => StoreError::ServerFault { store, path, why },
        _ => by_status(store, path, status, why),
    }
}

/// What a status alone tells.
pub(super) fn by_status(store: String, path: String, status: StatusCode, why: String) -> StoreError {
    match status.as_u16() {
        401 | 403 | 407 => StoreError::Refused { store, path, why },
        413 => StoreError::Rejected {
            store,
            path,
            why: format!("{why}: raise the server's limit on the size of one file"),
        },
        507 => StoreError::NoRoom { store, path, why },
        408 | 429 | 500.. => StoreError::ServerFault { store, path, why },
        _ => StoreError::Rejected { store, path, why },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_of_a_refusal_leads_to_who_can_help() {
        let name = |status: u16, code| {
            let status = StatusCode::from_u16(status).unwrap();
            named("s".into(), "p".into(), status, code)
        };
        for code in ["AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", ""] {
            assert!(matches!(name(403, code), StoreError::Refused { .. }), "{code}");
        }
        // AWS says 400 to these two.
        for code in ["ExpiredToken", "InvalidToken"] {
            assert!(matches!(name(400, code), StoreError::Refused { .. }), "{code}");
        }
        for (status, code) in
            [(403, "QuotaExceeded"), (400, "EntityTooLarge"), (507, ""), (507, "XMinioStorageFull")]
        {
            assert!(matches!(name(status, code), StoreError::NoRoom { .. }), "{code}");
        }
        for (status, code) in
            [(400, "BadDigest"), (503, "SlowDown"), (500, "InternalError"), (400, "RequestTimeout")]
        {
            assert!(matches!(name(status, code), StoreError::ServerFault { .. }), "{code}");
        }
        assert!(matches!(name(404, "NoSuchBucket"), StoreError::NoBucket { .. }));
        assert!(matches!(name(400, "InvalidArgument"), StoreError::Rejected { .. }));
    }

    #[test]
    fn both_clocks_of_a_request_are_read() {
        let date = http_date("Mon, 02 Mar 2026 08:20:00 GMT").unwrap();
        let signed = signing_date("20260302T080000Z").unwrap();
        assert_eq!(date.duration_since(signed).as_secs(), 1_200);
        assert_eq!(http_date("yesterday"), None);
        assert_eq!(signing_date("yesterday"), None);
    }
}
