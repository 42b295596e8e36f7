//! A store that is named on the command line, and who we are to it.

use std::path::PathBuf;

use clap::Args;
use lectern_archive::store::{Credentials, Proxy, Secrets, Store, StoreError, StoreOptions, Style};

use crate::Failure;

/// How a store is reached that is named by its URL. The daemon's own stores
/// are reached as its configuration says.
#[derive(Debug, Default, Args)]
pub(crate) struct Place {
    /// The file with keys or password; without one, for s3:// the usual
    /// variables AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN.
    #[arg(long, value_name = "FILE", env = "LECTERN_CREDENTIALS")]
    credentials: Option<String>,
    /// s3:// only: scheme and host of the service.
    #[arg(long, value_name = "URL", env = "AWS_ENDPOINT_URL")]
    endpoint: Option<String>,
    /// s3:// only: the region.
    #[arg(long, value_name = "NAME", env = "AWS_REGION")]
    region: Option<String>,
    /// s3:// only: the bucket stands in the path, not in the host's name.
    #[arg(long)]
    path_style: bool,
    /// Certificates to trust beside the system's (PEM).
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Our own certificate with its key (PEM).
    #[arg(long, value_name = "FILE")]
    client_certificate: Option<PathBuf>,
    /// The HTTP proxy; without one, as http_proxy and its kin say.
    #[arg(long, value_name = "URL")]
    proxy: Option<String>,
}

impl Place {
    /// Opens the store of a URL.
    pub(crate) fn open(&self, url: &str) -> Result<Store, Failure> {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let options = self.options(url, variable);
        Store::open_with(&options).map_err(|error| Failure::WrongUse(shown(&error)))
    }

    fn options(&self, url: &str, variable: impl Fn(&str) -> Option<String>) -> StoreOptions {
        let named = self.credentials.as_ref().map(|written| {
            // A plain path is fine here: nobody keeps a secret in it by mistake.
            Credentials::parse(written).unwrap_or_else(|_| Credentials::File(written.into()))
        });
        let given = || {
            let secrets = Secrets {
                access_key_id: Some(variable("AWS_ACCESS_KEY_ID")?),
                secret_access_key: Some(variable("AWS_SECRET_ACCESS_KEY")?),
                session_token: variable("AWS_SESSION_TOKEN"),
                ..Secrets::default()
            };
            Some(Credentials::Given(secrets))
        };
        let is_s3 = url.starts_with("s3:");
        StoreOptions {
            endpoint: self.endpoint.clone(),
            region: self.region.clone().or_else(|| variable("AWS_DEFAULT_REGION")),
            style: if self.path_style { Style::Path } else { Style::Virtual },
            credentials: named.or_else(|| is_s3.then(given).flatten()),
            ca: self.ca.clone(),
            client_certificate: self.client_certificate.clone(),
            proxy: self.proxy.clone().map_or(Proxy::Environment, Proxy::Url),
            ..StoreOptions::new(url)
        }
    }
}

/// The error with its details in English, for whoever works at a terminal, and
/// what to do in Chinese.
pub(crate) fn shown(error: &StoreError) -> lectern_api::Text {
    lectern_api::Text { en: error.to_string(), zh: error.text().zh }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(name: &str) -> Option<String> {
        let set =
            [("AWS_ACCESS_KEY_ID", "a"), ("AWS_SECRET_ACCESS_KEY", "geheim"), ("AWS_DEFAULT_REGION", "r")];
        set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
    }

    #[test]
    fn keys_come_from_a_file_or_from_the_usual_variables_of_s3() {
        let place = Place::default();
        let options = place.options("s3://lessons/x", environment);
        assert!(matches!(&options.credentials, Some(Credentials::Given(_))));
        assert_eq!(options.region.as_deref(), Some("r"));
        assert!(!format!("{options:?}").contains("geheim"));
        assert_eq!(place.options("https://h/x", environment).credentials, None);
        let place = Place { credentials: Some("keys.toml".to_owned()), ..Place::default() };
        let file = Some(Credentials::File("keys.toml".into()));
        assert_eq!(place.options("s3://lessons/x", environment).credentials, file);
    }
}
