//! The studio itself.

use axum::Json;
use axum::extract::{Extension, State};
use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse, Response};
use dcgan::config::Preset;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::LARGEST_PICTURE;
use crate::Shared;
use crate::failure::{Body, ErrorBody, Failure};
use crate::guard::{COOKIE_NAME, Guard};

/// That the studio answers.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// `ok`
    status: &'static str,
    /// The version of the program.
    version: &'static str,
}

/// Whether the studio answers. Needs no token.
#[utoipa::path(get, path = "/api/health", responses((status = 200, body = Health)))]
pub async fn health() -> Json<Health> {
    Json(Health {
        status: "ok",
        version: env!("CARGO_PKG_VERSION"),
    })
}

/// What the studio can do.
#[derive(Debug, Serialize, ToSchema)]
pub struct About {
    /// The version of the program.
    version: &'static str,
    /// The folder of runs.
    runs_dir: String,
    /// The threads that draw.
    threads: usize,
    /// The networks that can be trained.
    presets: Vec<PresetInfo>,
    /// The folders whose pictures may be trained on.
    data_roots: Vec<String>,
    /// The bytes of the largest picture that may be sent.
    upload_limit: usize,
}

/// A preset.
#[derive(Debug, Serialize, ToSchema)]
pub struct PresetInfo {
    /// Its name.
    name: String,
    /// What it is for.
    about: String,
    /// Whether it is used if none is chosen.
    is_default: bool,
    /// The sides of pictures that it has, in pixels.
    image_sizes: Vec<usize>,
}

/// What the studio can do.
#[utoipa::path(get, path = "/api/studio", responses((status = 200, body = About)))]
pub async fn about(State(studio): Shared) -> Json<About> {
    let presets = Preset::ALL.iter().map(|&preset| PresetInfo {
        name: preset.to_string(),
        about: (studio.program.words.preset)(preset),
        is_default: preset == Preset::Laptop,
        image_sizes: preset.image_sizes().to_vec(),
    });
    let options = &studio.options;
    let roots = options.data.iter().map(|path| path.display().to_string());
    Json(About {
        version: env!("CARGO_PKG_VERSION"),
        runs_dir: options.runs.display().to_string(),
        threads: options.threads,
        presets: presets.collect(),
        data_roots: roots.collect(),
        upload_limit: LARGEST_PICTURE,
    })
}

/// The token that `dcgan studio` was started with.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Token {
    token: String,
}

/// Gives the token, which a cookie then remembers.
#[utoipa::path(post, path = "/api/token", request_body = Token,
    responses((status = 204), (status = 422, body = ErrorBody)))]
pub async fn token(
    Extension(guard): Extension<Guard>,
    Body(given): Body<Token>,
) -> Result<Response, Failure> {
    if !guard.is_token(&given.token) {
        return Err(Failure::Invalid("this is not the token".to_owned()));
    }
    Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, cookie(&given.token))]).into_response())
}

/// The cookie that holds a token, for this browser alone.
pub fn cookie(token: &str) -> String {
    // a token with other characters is none, but must not become a header
    let plain: String = token
        .chars()
        .filter(|letter| letter.is_ascii_alphanumeric() || "-_".contains(*letter))
        .collect();
    format!("{COOKIE_NAME}={plain}; Path=/; HttpOnly; SameSite=Strict")
}
