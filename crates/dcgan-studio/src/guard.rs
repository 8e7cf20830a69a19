//! Who may ask. On this machine everybody who comes from the studio's own page or from no page at all; from
//! other machines whoever knows the token.
//!
//! A page of somebody else in the same browser can send requests here. It cannot have this page's `Origin`, nor
//! read answers, and its JSON needs a permission (CORS) that is never given. A name that is made to lead here
//! (DNS rebinding) is not among the hosts that are answered.

use std::net::IpAddr;
use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{
    AUTHORIZATION, CACHE_CONTROL, CONTENT_SECURITY_POLICY, COOKIE, HOST, HeaderName, ORIGIN,
    REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use subtle::ConstantTimeEq;

use crate::failure::ErrorBody;

/// What the page may load: its own files and what it draws itself.
const CONTENT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
     connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The name of the cookie that holds the token.
pub const COOKIE_NAME: &str = "dcgan_studio";

/// What is needed to judge a request.
#[derive(Debug, Clone)]
pub struct Guard {
    /// The values of `Host` that are answered; all if there is none, as the token protects then.
    hosts: Option<Arc<[String]>>,
    token: Option<Arc<str>>,
}

impl Guard {
    /// For a studio that listens on an address, perhaps with a token.
    pub fn new(host: IpAddr, port: u16, token: Option<&str>) -> Self {
        let named = match host {
            IpAddr::V4(host) => host.to_string(),
            IpAddr::V6(host) => format!("[{host}]"),
        };
        let names = ["localhost", "127.0.0.1", "[::1]", &named];
        let with_port = names.iter().map(|name| format!("{name}:{port}"));
        let all = match port {
            80 => with_port.chain(names.map(str::to_owned)).collect(),
            _ => with_port.collect::<Vec<_>>(),
        };
        Self {
            hosts: host.is_loopback().then(|| all.into()),
            token: token.map(Arc::from),
        }
    }

    /// Whether this is the token. How long that takes does not depend on how much of it is right.
    pub fn is_token(&self, given: &str) -> bool {
        match &self.token {
            None => true,
            Some(token) => token.as_bytes().ct_eq(given.as_bytes()).into(),
        }
    }

    fn refusal(&self, request: &Request) -> Option<(StatusCode, &'static str)> {
        let headers = request.headers();
        let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
        let authority = request.uri().authority().map(ToString::to_string);
        let host = text(&HOST).map(str::to_owned).or(authority);
        if let Some(hosts) = &self.hosts
            && !host
                .as_ref()
                .is_some_and(|host| hosts.iter().any(|known| known.eq_ignore_ascii_case(host)))
        {
            return Some((
                StatusCode::FORBIDDEN,
                "the studio answers at its own address only: open the address that `dcgan studio` printed",
            ));
        }
        let path = request.uri().path();
        if !path.starts_with("/api/") {
            return None;
        }
        let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
        let is_foreign = match headers.get(ORIGIN) {
            None => text(&HeaderName::from_static("sec-fetch-site")) == Some("cross-site"),
            Some(origin) => {
                let host = host.unwrap_or_default();
                let own = ["http", "https"].map(|scheme| format!("{scheme}://{host}"));
                !own.iter().any(|own| own.as_bytes() == origin.as_bytes())
            }
        };
        if is_foreign && !is_read {
            return Some((
                StatusCode::FORBIDDEN,
                "another page asked for this: only the studio's own page may",
            ));
        }
        let is_open = ["/api/health", "/api/token"].contains(&path);
        if !is_open && !self.is_token(&given_token(headers).unwrap_or_default()) {
            return Some((
                StatusCode::UNAUTHORIZED,
                "the studio needs its token: open the address with the token that `dcgan studio` printed",
            ));
        }
        None
    }
}

/// The token that a request brings in its cookie, or for programs in `Authorization: Bearer`.
fn given_token(headers: &HeaderMap) -> Option<String> {
    if let Some(value) = headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
    {
        let (scheme, token) = value.split_once(' ')?;
        return scheme
            .eq_ignore_ascii_case("bearer")
            .then(|| token.trim().to_owned());
    }
    let cookies = headers.get_all(COOKIE).iter();
    let cookies = cookies.filter_map(|value| value.to_str().ok());
    let mut pairs = cookies
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    let (_, token) = pairs.find(|(name, _)| *name == COOKIE_NAME)?;
    Some(token.to_owned())
}

/// Answers requests that are allowed, and says in every answer what a browser may do with it.
pub async fn guard(State(guard): State<Guard>, request: Request<Body>, next: Next) -> Response {
    let is_api = request.uri().path().starts_with("/api/");
    let mut response = match guard.refusal(&request) {
        Some((status, reason)) => {
            let body = ErrorBody {
                error: reason.to_owned(),
            };
            (status, Json(body)).into_response()
        }
        None => next.run(request).await,
    };
    let headers = response.headers_mut();
    let fixed = [
        (CONTENT_SECURITY_POLICY, CONTENT_POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if is_api && !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}
