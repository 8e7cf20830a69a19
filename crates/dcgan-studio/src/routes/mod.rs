//! The interface of the studio. Each handler is here once, with its address, what it takes and what it answers,
//! and both the router and the OpenAPI description are made of that.

mod data;
mod draw;
mod events;
mod explore;
mod jobs;
mod runs;
mod studio;
mod training;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Serialize;
use utoipa::openapi::OpenApi;
use utoipa::{OpenApi as _, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use self::studio::cookie;
use crate::failure::Failure;
use crate::latent::{Between, Latent, Move, Place, Term};
use crate::{Studio, page};

/// The longest body that is no picture.
const LONGEST_BODY: usize = 256 << 10;

/// The largest picture that may be sent.
const LARGEST_PICTURE: usize = 20 << 20;

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "dcgan studio",
        description = "Watch a DCGAN learn, and play with what it learned. A run is named by its directory below the \
                   folder of runs, as one segment of a path: `photos`, or `exp%2Fphotos`."
    ),
    components(schemas(Latent, Place, Term, Between, Move))
)]
struct Description;

/// A job that was put in line.
#[derive(Debug, Serialize, ToSchema)]
struct JobName {
    /// Its name: see `/api/jobs/{job}`.
    job: String,
}

/// All routes, and their description.
pub fn router(studio: Arc<Studio>) -> (Router, OpenApi) {
    let with_pictures = OpenApiRouter::new()
        .routes(routes!(explore::project))
        .layer(DefaultBodyLimit::max(LARGEST_PICTURE));
    let (router, description) = OpenApiRouter::with_openapi(Description::openapi())
        .routes(routes!(studio::health))
        .routes(routes!(studio::about))
        .routes(routes!(studio::token))
        .routes(routes!(data::list))
        .routes(routes!(data::check))
        .routes(routes!(jobs::get, jobs::cancel))
        .routes(routes!(jobs::picture))
        .routes(routes!(jobs::file))
        .routes(routes!(events::events))
        .routes(routes!(runs::list, training::start))
        .routes(routes!(training::plan))
        .routes(routes!(training::stop))
        .routes(routes!(training::resume))
        .routes(routes!(training::restart))
        .routes(routes!(training::forget))
        .routes(routes!(runs::get))
        .routes(routes!(runs::metrics))
        .routes(routes!(runs::metrics_csv))
        .routes(routes!(runs::grid))
        .routes(routes!(draw::draw))
        .routes(routes!(draw::picture))
        .routes(routes!(draw::latents))
        .routes(routes!(draw::latents_file))
        .routes(routes!(draw::interpolation))
        .routes(routes!(explore::directions, explore::find_direction))
        .routes(routes!(explore::arithmetic))
        .routes(routes!(explore::neighbours))
        .routes(routes!(explore::opinion))
        .routes(routes!(explore::page))
        .merge(with_pictures)
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .with_state(studio)
        .split_for_parts();
    let as_json = serde_json::to_string(&description).unwrap_or_default();
    let answer = move || async move { ([(CONTENT_TYPE, "application/json")], as_json) };
    let router = router
        .route("/api/openapi.json", get(answer))
        .route("/", get(page::index))
        .route("/studio/{file}", get(page::file))
        .fallback(|| async { Failure::NotFound("there is nothing at this address".to_owned()) });
    (router, description)
}

/// A file that browsers save under this name.
fn download(kind: &'static str, name: &str, bytes: Vec<u8>) -> Response {
    // the part of the name that every header can hold, and all of it as RFC 6266 has it
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_. ".contains(letter);
    let plain: String = name
        .chars()
        .map(|letter| if is_plain(letter) { letter } else { '-' })
        .collect();
    let encoded: String = name
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect();
    let disposition = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}");
    let mut response = ([(CONTENT_TYPE, kind)], bytes).into_response();
    if let Ok(disposition) = HeaderValue::from_str(&disposition) {
        response
            .headers_mut()
            .insert(CONTENT_DISPOSITION, disposition);
    }
    response
}

/// The step of the weights that drew a picture.
const STEP: HeaderName = HeaderName::from_static("x-step");

/// The side of each picture of a sheet.
const PICTURE_SIZE: HeaderName = HeaderName::from_static("x-picture-size");
