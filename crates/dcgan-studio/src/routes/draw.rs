//! Drawing: from latent vectors to pictures, files of latent vectors, and animations.

use std::time::Duration;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use dcgan::latent::LatentPath;
use dcgan_support::picture_mark::Origin;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::runs::directory;
use super::{PICTURE_SIZE, STEP, download};
use crate::Shared;
use crate::failure::{Body, ErrorBody, Failure, aside};
use crate::latent::{Latent, Place};
use crate::painter::{Exactness, Model, Weights, encode, gif, sheet};

/// The most pictures of one request.
const MOST_PICTURES: usize = 64;

/// The most pictures of an animation, and the most pixels of one.
const MOST_FRAMES: usize = 600;
const MOST_PIXELS: usize = 120_000_000;

/// How long an animation shows a picture.
const FRAME_TIME: Duration = Duration::from_millis(60);

/// What to draw.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Draw {
    /// At most 64 latent vectors.
    latents: Vec<Latent>,
    /// The step of a checkpoint; the newest weights if it is missing.
    checkpoint: Option<u64>,
    /// Pictures side by side; all if it is missing.
    columns: Option<usize>,
}

/// Pictures of latent vectors as one PNG, side by side without gaps. `X-Step` is the step of the weights,
/// `X-Picture-Size` the side of each picture.
#[utoipa::path(post, path = "/api/runs/{run}/draw", params(("run" = String, Path)), request_body = Draw,
    responses((status = 200, content_type = "image/png"), (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody), (status = 422, body = ErrorBody), (status = 429, body = ErrorBody)))]
pub async fn draw(
    State(studio): Shared,
    Path(id): Path<String>,
    Body(asked): Body<Draw>,
) -> Result<Response, Failure> {
    check_count(asked.latents.len())?;
    let weights = Weights {
        run: directory(&studio, &id).await?,
        checkpoint: asked.checkpoint,
    };
    let drawn = studio
        .painter
        .draw(weights, asked.latents, Exactness::Fast)
        .await?;
    let step = drawn.step;
    let (side, bytes) = aside(move || {
        let columns = asked.columns.unwrap_or(drawn.pictures.len());
        let side = drawn.pictures.first().map_or(0, |picture| picture.width());
        let sheet = sheet(&drawn.pictures, columns)?;
        Ok((side, encode(&sheet, &Origin::default())?))
    })
    .await?;
    let headers = [
        (CONTENT_TYPE, "image/png".to_owned()),
        (STEP, step.to_string()),
        (PICTURE_SIZE, side.to_string()),
    ];
    Ok((headers, bytes).into_response())
}

fn check_count(count: usize) -> Result<(), Failure> {
    if (1..=MOST_PICTURES).contains(&count) {
        return Ok(());
    }
    Err(Failure::Invalid(format!(
        "{count} latent vectors: give 1 to {MOST_PICTURES}"
    )))
}

/// A picture to keep.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OnePicture {
    latent: Latent,
    /// The step of a checkpoint; the newest weights if it is missing.
    checkpoint: Option<u64>,
}

/// One picture as a PNG, to the bit as `dcgan sample` draws it.
#[utoipa::path(post, path = "/api/runs/{run}/picture", params(("run" = String, Path)), request_body = OnePicture,
    responses((status = 200, content_type = "image/png"), (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody), (status = 422, body = ErrorBody), (status = 429, body = ErrorBody)))]
pub async fn picture(
    State(studio): Shared,
    Path(id): Path<String>,
    Body(asked): Body<OnePicture>,
) -> Result<Response, Failure> {
    let run = directory(&studio, &id).await?;
    let name = run.file_name().unwrap_or_default();
    let name = name.to_string_lossy().into_owned();
    let seed = match asked.latent {
        Latent {
            place: Place::Seed(seed),
            truncation: None,
            ref moves,
        } if moves.is_empty() => Some(seed),
        _ => None,
    };
    let weights = Weights {
        run,
        checkpoint: asked.checkpoint,
    };
    let latents = vec![asked.latent];
    let drawn = studio
        .painter
        .draw(weights, latents, Exactness::AsSampled)
        .await?;
    let file = match seed {
        Some(seed) => format!("{name}-{seed}.png"),
        None => format!("{name}.png"),
    };
    let bytes = aside(move || {
        let origin = Origin {
            run: Some(name),
            step: (drawn.step > 0).then_some(drawn.step),
            seeds: seed.map(|seed| seed.to_string()),
        };
        encode(&drawn.pictures[0], &origin)
    });
    Ok(download("image/png", &file, bytes.await?))
}

/// Latent vectors.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Latents {
    /// At most 64.
    latents: Vec<Latent>,
}

/// The coordinates of latent vectors.
#[derive(Debug, Serialize, ToSchema)]
pub struct Coordinates {
    /// `z_dim` numbers for each.
    z: Vec<Vec<f32>>,
}

/// The coordinates of latent vectors.
#[utoipa::path(post, path = "/api/runs/{run}/latents", params(("run" = String, Path)), request_body = Latents,
    responses((status = 200, body = Coordinates), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
        (status = 422, body = ErrorBody), (status = 429, body = ErrorBody)))]
pub async fn latents(
    State(studio): Shared,
    Path(id): Path<String>,
    Body(asked): Body<Latents>,
) -> Result<Json<Coordinates>, Failure> {
    let z = coordinates(&studio, &id, asked).await?;
    Ok(Json(Coordinates { z }))
}

/// Latent vectors as a file, for `--z` of `dcgan interpolate` and `dcgan edit`.
#[utoipa::path(post, path = "/api/runs/{run}/latents.safetensors", params(("run" = String, Path)),
    request_body = Latents,
    responses((status = 200, content_type = "application/octet-stream"), (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody), (status = 422, body = ErrorBody), (status = 429, body = ErrorBody)))]
pub async fn latents_file(
    State(studio): Shared,
    Path(id): Path<String>,
    Body(asked): Body<Latents>,
) -> Result<Response, Failure> {
    let z = coordinates(&studio, &id, asked).await?;
    let bytes = aside(move || {
        let folder = tempfile::tempdir().map_err(Failure::internal)?;
        let path = folder.path().join("z.safetensors");
        dcgan::latent::write_z(&path, &z).map_err(Failure::internal)?;
        std::fs::read(&path).map_err(Failure::internal)
    });
    let name = format!("{}-z.safetensors", id.replace('/', "-"));
    Ok(download("application/octet-stream", &name, bytes.await?))
}

async fn coordinates(
    studio: &std::sync::Arc<crate::Studio>,
    id: &str,
    asked: Latents,
) -> Result<Vec<Vec<f32>>, Failure> {
    check_count(asked.latents.len())?;
    let weights = Weights {
        run: directory(studio, id).await?,
        checkpoint: None,
    };
    let resolve = move |model: &mut Model| model.resolve(&asked.latents);
    studio.painter.with(weights, resolve).await
}

/// A walk through latent vectors.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Walk {
    /// Where it passes, 2 to 64 latent vectors.
    stops: Vec<Latent>,
    /// Pictures from one stop to the next.
    frames: usize,
    /// Whether it returns to the first stop.
    #[serde(default, rename = "loop")]
    closed: bool,
    /// How many times as large as the networks' the pictures are, 1 to 8; 4 if it is missing.
    upscale: Option<u32>,
    /// The step of a checkpoint; the newest weights if it is missing.
    checkpoint: Option<u64>,
}

/// A walk as a GIF.
#[utoipa::path(post, path = "/api/runs/{run}/interpolation", params(("run" = String, Path)), request_body = Walk,
    responses((status = 200, content_type = "image/gif"), (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody), (status = 422, body = ErrorBody), (status = 429, body = ErrorBody)))]
pub async fn interpolation(
    State(studio): Shared,
    Path(id): Path<String>,
    Body(asked): Body<Walk>,
) -> Result<Response, Failure> {
    let upscale = asked.upscale.unwrap_or(4);
    let count = asked.stops.len().saturating_mul(asked.frames);
    if !(2..=MOST_PICTURES).contains(&asked.stops.len()) {
        return Err(Failure::Invalid(format!(
            "{} stops: a walk has 2 to {MOST_PICTURES}",
            asked.stops.len()
        )));
    }
    if asked.frames == 0 || count > MOST_FRAMES {
        return Err(Failure::Invalid(format!(
            "{count} pictures: an animation has at most {MOST_FRAMES}"
        )));
    }
    if !(1..=8).contains(&upscale) {
        return Err(Failure::Invalid(format!("upscale={upscale}: give 1 to 8")));
    }
    let weights = Weights {
        run: directory(&studio, &id).await?,
        checkpoint: asked.checkpoint,
    };
    let vectors = studio
        .painter
        .with(weights.clone(), move |model| {
            let side = model.config().image_size * upscale as usize;
            if count * side * side > MOST_PIXELS {
                return Err(Failure::Invalid(
                    "the animation is too large: give fewer pictures, or a smaller upscale"
                        .to_owned(),
                ));
            }
            let stops = model.resolve(&asked.stops)?;
            let path = LatentPath {
                interpolation: dcgan::latent::Interpolation::Spherical,
                steps: asked.frames,
                closed: asked.closed,
            };
            Ok(path.through(&stops, model.config().latent_distribution()))
        })
        .await?;
    let mut pictures = Vec::new();
    // in parts, so that others who ask meanwhile are answered
    for part in vectors.chunks(MOST_PICTURES) {
        let in_place = |z: &Vec<f32>| Latent {
            place: Place::Z(z.clone()),
            truncation: None,
            moves: Vec::new(),
        };
        let part = part.iter().map(in_place).collect();
        let drawn = studio
            .painter
            .draw(weights.clone(), part, Exactness::AsSampled)
            .await?;
        pictures.extend(drawn.pictures);
    }
    let bytes = aside(move || gif(&pictures, upscale, FRAME_TIME)).await?;
    let name = format!("{}-walk.gif", id.replace('/', "-"));
    Ok(download("image/gif", &name, bytes))
}
