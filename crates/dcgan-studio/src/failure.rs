//! Why a request was not answered, and how a client is told.

use std::error::Error;

use axum::Json;
use axum::body::to_bytes;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;
use utoipa::ToSchema;

/// Why a request was not answered, in a sentence for people.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Failure {
    /// What it names does not exist.
    #[error("{0}")]
    NotFound(String),
    /// It asks for something that makes no sense.
    #[error("{0}")]
    Invalid(String),
    /// It asks for something that cannot be done now.
    #[error("{0}")]
    Conflict(String),
    /// It is larger than allowed.
    #[error("{0}")]
    TooLarge(String),
    /// Too many others wait already.
    #[error("the studio has too much to do at the moment")]
    Busy,
    /// The studio or the system failed.
    #[error("{0}")]
    Internal(String),
}

/// What a client that waits too long in line should wait before it asks again.
const SECONDS_UNTIL_NEXT_TRY: u64 = 1;

/// The most bytes of a reason that is not this program's own.
const LONGEST_REASON: usize = 4 << 10;

/// The body of an answer that is no success.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErrorBody {
    /// What happened, and what to do, in a sentence.
    pub error: String,
}

impl Failure {
    /// An error that is not the client's.
    pub fn internal(error: impl Error) -> Self {
        Self::Internal(error.to_string())
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Busy => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let body = ErrorBody {
            error: self.to_string(),
        };
        let mut response = (self.status(), Json(body)).into_response();
        if self == Self::Busy {
            let seconds = HeaderValue::from(SECONDS_UNTIL_NEXT_TRY);
            response.headers_mut().insert(RETRY_AFTER, seconds);
        }
        response
    }
}

/// A JSON body; what is wrong with it is said as for every other failure.
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        match Json::from_request(request, state).await {
            Ok(Json(value)) => Ok(Self(value)),
            Err(JsonRejection::BytesRejection(rejection))
                if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE =>
            {
                Err(Failure::TooLarge("the request is too long".to_owned()))
            }
            Err(rejection) => Err(Failure::Invalid(format!(
                "the request cannot be read: {}",
                rejection.body_text()
            ))),
        }
    }
}

/// What follows the question mark, as [`Body`].
pub struct Asked<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Asked<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        match Query::from_request_parts(parts, state).await {
            Ok(Query(value)) => Ok(Self(value)),
            Err(rejection) => Err(Failure::Invalid(format!(
                "the request cannot be read: {}",
                rejection.body_text()
            ))),
        }
    }
}

/// Gives errors that are not this program's own, such as that of a path in bad encoding, the body that all have.
pub async fn in_json(response: Response) -> Response {
    let status = response.status();
    let is_json = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    if is_json || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let said = to_bytes(body, LONGEST_REASON).await.unwrap_or_default();
    let said = String::from_utf8_lossy(&said).trim().to_owned();
    let error = match status {
        _ if !said.is_empty() => said,
        StatusCode::METHOD_NOT_ALLOWED => "this address does not take such requests".to_owned(),
        StatusCode::REQUEST_TIMEOUT => "the studio took too long to answer".to_owned(),
        _ => status.to_string(),
    };
    parts.headers.remove(CONTENT_LENGTH);
    parts.headers.remove(CONTENT_TYPE);
    (parts, Json(ErrorBody { error })).into_response()
}

/// Runs what waits for files or the processor beside the server's own threads.
pub async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(Failure::internal(error)))
}
