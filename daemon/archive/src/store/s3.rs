//! An S3-compatible store: AWS, Aliyun OSS, Tencent COS, MinIO.
//!
//! What differs between them decides what is sent:
//! - No `aws-chunked` bodies: OSS refuses them. Every body goes whole with its
//!   `Content-Length`.
//! - `Content-MD5` with every upload: the one checksum that all four check
//!   before they keep the object. The newer `x-amz-checksum-*` are not known
//!   everywhere.
//! - Over HTTPS the payload is not signed (`UNSIGNED-PAYLOAD`), as OSS prefers;
//!   over plain HTTP it is, so that nobody in between can exchange it.
//! - Single deletes, no conditional requests, no tags.

use std::sync::Arc;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _};
use http::header::{CONTENT_TYPE, DATE, HeaderMap, HeaderValue};
use http::{Method, StatusCode};
use object_store::aws::{AmazonS3, AmazonS3Builder, AwsCredential};
use object_store::client::{HttpClient, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService};
use object_store::{CredentialProvider, ObjectStore as _, PutOptions};

use super::answer::Answer;
use super::credentials::Keyring;
use super::http::{Connector, client, once};
use super::options::{StoreOptions, Style};
use super::signing::OpenSsl;
use super::transport::{Entry, Found, Place, Transport};
use super::{StoreError, objects, refusal, web};

/// The largest error answer that is read, in bytes.
const MAX_ANSWER_BYTES: usize = 64 * 1024;

pub(super) struct S3 {
    inner: AmazonS3,
}

impl S3 {
    pub(super) fn new(bucket: &str, keyring: Keyring, options: &StoreOptions) -> Result<Self, StoreError> {
        let bad = |why: String| StoreError::Url { url: options.url.clone(), why };
        let region = options.region.as_deref().unwrap_or("us-east-1");
        let aws = || format!("https://s3.{region}.amazonaws.com");
        let endpoint = options.endpoint.clone().unwrap_or_else(aws);
        let mut url = url::Url::parse(&endpoint)
            .map_err(|_| bad(format!("its endpoint `{endpoint}` is no URL; write `https://host`")))?;
        let host = url.host_str().unwrap_or_default().to_owned();
        let is_plain = matches!(url.path(), "" | "/") && url.query().is_none() && url.username().is_empty();
        if !matches!(url.scheme(), "http" | "https") || host.is_empty() || !is_plain {
            return Err(bad("its endpoint is a scheme and a host; write `https://host`".to_owned()));
        }
        if options.style == Style::Virtual {
            if matches!(url.host(), Some(url::Host::Ipv4(_) | url::Host::Ipv6(_))) {
                return Err(bad(
                    "a bucket cannot stand before an IP address; set style = \"path\"".to_owned()
                ));
            }
            url.set_host(Some(&format!("{bucket}.{host}")))
                .map_err(|error| bad(format!("its bucket cannot be part of a host: {error}")))?;
        }
        let service = Service { client: client(options, None)? };
        let inner = AmazonS3Builder::new()
            .with_bucket_name(bucket)
            .with_region(region)
            .with_endpoint(url.as_str().trim_end_matches('/'))
            .with_virtual_hosted_style_request(options.style == Style::Virtual)
            .with_allow_http(true)
            .with_unsigned_payload(url.scheme() == "https")
            .with_disable_tagging(true)
            .with_disable_bulk_delete(true)
            .with_crypto_provider(Arc::new(OpenSsl))
            .with_credentials(Arc::new(Keys(keyring)))
            .with_http_connector(Connector(HttpClient::new(service)))
            .with_retry(once())
            .build()
            .map_err(|error| bad(error.to_string()))?;
        Ok(Self { inner })
    }
}

#[async_trait]
impl Transport for S3 {
    async fn put(&self, at: &Place<'_>, bytes: Bytes) -> Result<(), StoreError> {
        let limit = at.timeouts.total(bytes.len() as u64);
        let md5 = objects::md5(&bytes).map_err(|error| at.interrupted(error))?;
        let mut options = PutOptions::default();
        options.extensions.insert(ContentMd5(STANDARD.encode(md5)));
        let put = tokio::time::timeout(limit, objects::put_with(&self.inner, at, bytes, options));
        put.await.unwrap_or_else(|_| Err(at.timed_out(limit)))
    }

    async fn get(&self, at: &Place<'_>) -> Result<Option<Vec<u8>>, StoreError> {
        objects::get(&self.inner, at).await
    }

    async fn find(&self, at: &Place<'_>) -> Result<Option<Found>, StoreError> {
        objects::find(&self.inner, at).await
    }

    async fn list(&self, at: &Place<'_>) -> Result<Vec<Entry>, StoreError> {
        objects::list_by_page(&self.inner, at).await
    }

    async fn delete(&self, at: &Place<'_>) -> Result<(), StoreError> {
        objects::delete(&self.inner, at).await
    }

    async fn delete_folder(&self, at: &Place<'_>) -> Result<(), StoreError> {
        let keys: Vec<_> = self.list(at).await?.into_iter().map(|entry| Ok(entry.path.into())).collect();
        let mut deleted = self.inner.delete_stream(futures_util::stream::iter(keys).boxed());
        while at.bounded(async { deleted.try_next().await.map_err(objects::named(at)) }).await?.is_some() {}
        Ok(())
    }
}

#[derive(Debug)]
struct Keys(Keyring);

#[async_trait]
impl CredentialProvider for Keys {
    type Credential = AwsCredential;

    async fn get_credential(&self) -> object_store::Result<Arc<AwsCredential>> {
        let (key_id, secret_key, token) = self.0.key_pair().map_err(|error| {
            object_store::Error::Generic { store: "credentials", source: Box::new(error) }
        })?;
        Ok(Arc::new(AwsCredential { key_id, secret_key, token }))
    }
}

/// On its way from `put` to the request's headers.
#[derive(Clone)]
struct ContentMd5(String);

#[derive(Debug)]
struct Service {
    client: reqwest::Client,
}

#[async_trait]
impl HttpService for Service {
    async fn call(&self, mut request: HttpRequest) -> Result<HttpResponse, HttpError> {
        if let Some(ContentMd5(md5)) = request.extensions_mut().remove()
            && let Ok(value) = HeaderValue::from_str(&md5)
        {
            request.headers_mut().insert("content-md5", value);
        }
        let reads = matches!(*request.method(), Method::GET | Method::HEAD);
        let signed_at = text_of(request.headers(), "x-amz-date");
        let response = self.client.call(request).await?;
        let status = response.status();
        if status.is_success() {
            return match web::judge(&response, reads) {
                None => Ok(response),
                Some(answer) => Err(HttpError::new(HttpErrorKind::Unknown, answer)),
            };
        }
        let headers = response.headers().clone();
        let body = beginning(response).await;
        let answer = refused(status, &headers, signed_at.as_deref(), &body);
        if status == StatusCode::NOT_FOUND
            && !matches!(answer, Answer::Portal)
            && body_code(&body) != "NoSuchBucket"
        {
            let mut absent = HttpResponse::new(String::new().into());
            *absent.status_mut() = status;
            return Ok(absent);
        }
        Err(HttpError::new(HttpErrorKind::Unknown, answer))
    }
}

fn text_of(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

/// As much of an error answer as is worth reading.
async fn beginning(response: HttpResponse) -> String {
    let mut body = Vec::new();
    let mut pieces = response.into_body().bytes_stream();
    while let Some(Ok(piece)) = pieces.next().await {
        body.extend_from_slice(&piece);
        if body.len() > MAX_ANSWER_BYTES {
            break;
        }
    }
    String::from_utf8_lossy(&body).into_owned()
}

/// What a refusal means, after S3's error document.
fn refused(status: StatusCode, headers: &HeaderMap, signed_at: Option<&str>, body: &str) -> Answer {
    let is_page = text_of(headers, CONTENT_TYPE.as_str())
        .is_some_and(|kind| kind.to_ascii_lowercase().starts_with("text/html"));
    if status == StatusCode::NETWORK_AUTHENTICATION_REQUIRED {
        return Answer::Portal;
    }
    let code = body_code(body);
    if status.is_redirection() {
        let to = tag(body, "Endpoint").map(str::to_owned);
        let to = to.or_else(|| text_of(headers, "location").map(|location| web::origin_of(&location)));
        return Answer::Moved(to.unwrap_or_else(|| "an address it does not name".to_owned()));
    }
    if is_page && code.is_empty() && status.is_client_error() && status != StatusCode::FORBIDDEN {
        return Answer::Status(status);
    }
    let server = text_of(headers, DATE.as_str()).and_then(|date| refusal::http_date(&date));
    let here = signed_at.and_then(refusal::signing_date);
    if let (Some(server), Some(here)) = (server, here) {
        let is_far = server.duration_since(here).abs() > refusal::TOLERATED_SKEW;
        if code == "RequestTimeTooSkewed" || (status == StatusCode::FORBIDDEN && is_far) {
            return Answer::Skewed { server: server.to_string(), here: here.to_string() };
        }
    }
    Answer::Coded { status, code: code.chars().take(60).collect() }
}

fn body_code(body: &str) -> &str {
    tag(body, "Code").unwrap_or_default()
}

/// The content of an element that stands in the document at most once.
fn tag<'a>(body: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = body.split_once(&format!("<{name}>"))?;
    rest.split_once(&format!("</{name}>")).map(|(content, _)| content.trim())
}
