//! Looking into what was learned: directions, arithmetic, neighbours, the discriminator's view, projection, and
//! the page to give away.

use std::path::PathBuf;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderMap};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use dcgan::config::DataOrigin;
use dcgan::train::RunDirectory;
use dcgan_data::{AnnotationNames, DataSource};
use dcgan_render::image_grid::{PictureShape, picture_from_values};
use dcgan_support::picture_mark::Origin;
use image::imageops::FilterType;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::JobName;
use super::runs::directory;
use crate::Shared;
use crate::failure::{Body, ErrorBody, Failure, aside};
use crate::jobs::{Work, work};
use crate::latent::Latent;
use crate::painter::{Model, Weights, encode};

/// The directions that pictures of a run can be moved along.
#[derive(Debug, Serialize, ToSchema)]
pub struct Directions {
    /// Those that there are.
    directions: Vec<Direction>,
    /// Attributes of the run's pictures for which there is none yet.
    attributes: Vec<String>,
}

/// A direction.
#[derive(Debug, Serialize, ToSchema)]
pub struct Direction {
    /// Its name in requests.
    id: String,
    /// Its name for people.
    name: String,
    /// `principal`: to which the generator's first layer reacts most; `attribute`: that of an attribute.
    kind: &'static str,
    /// What should be known about it.
    note: Option<String>,
}

/// The directions that pictures of a run can be moved along.
#[utoipa::path(get, path = "/api/runs/{run}/directions", params(("run" = String, Path)),
    responses((status = 200, body = Directions), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
        (status = 429, body = ErrorBody)))]
pub async fn directions(
    State(studio): Shared,
    Path(id): Path<String>,
) -> Result<Json<Directions>, Failure> {
    let run = directory(&studio, &id).await?;
    let weights = Weights {
        run: run.clone(),
        checkpoint: None,
    };
    let directions = studio.painter.with(weights, |model| {
        let step = model.step();
        let of = |(id, found): (String, dcgan::latent::LatentDirection)| {
            let is_principal = found.origin.samples == 0;
            let is_old = !is_principal && found.origin.step != step;
            Direction {
                id,
                name: found.origin.attribute,
                kind: if is_principal { "principal" } else { "attribute" },
                note: is_old.then(|| {
                    format!(
                        "found at step {}; the weights are of step {step}, so it may lie elsewhere now",
                        found.origin.step
                    )
                }),
            }
        };
        Ok(model.directions().into_iter().map(of).collect::<Vec<_>>())
    });
    let directions = directions.await?;
    let mut attributes = aside(move || Ok(attributes_of(&run))).await?;
    attributes.retain(|name| !directions.iter().any(|known| known.name == *name));
    Ok(Json(Directions {
        directions,
        attributes,
    }))
}

/// The attributes and classes of a run's pictures; none if they have none or are not there.
fn attributes_of(run: &std::path::Path) -> Vec<String> {
    let config = RunDirectory::open_shared(run).and_then(|folder| folder.read_config());
    let Ok(config) = config else {
        return Vec::new();
    };
    let source = match config.data.origin {
        DataOrigin::DrawnFaces { count } => DataSource::Demo {
            count,
            seed: config.training.seed,
        },
        DataOrigin::Files {
            path,
            format,
            split,
        } => DataSource::Files {
            path,
            format,
            split,
        },
    };
    let names = AnnotationNames::read(&source).ok();
    names.map_or_else(Vec::new, |names| [names.attributes, names.classes].concat())
}

/// An attribute of the run's pictures.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Attribute {
    /// Its name, as the data has it.
    attribute: String,
}

/// The longest text of a request.
const LONGEST_TEXT: usize = 500;

fn check_text(text: &str) -> Result<(), Failure> {
    if text.len() > LONGEST_TEXT || text.chars().any(char::is_control) || text.trim().is_empty() {
        return Err(Failure::Invalid(format!(
            "give a text of at most {LONGEST_TEXT} letters, in one line"
        )));
    }
    Ok(())
}

/// Finds the direction of an attribute, as `dcgan direction` does, and keeps it in the run. The job's result has
/// its `id` and `lines`.
#[utoipa::path(post, path = "/api/runs/{run}/directions", params(("run" = String, Path)), request_body = Attribute,
    responses((status = 202, body = JobName), (status = 404, body = ErrorBody), (status = 422, body = ErrorBody),
        (status = 429, body = ErrorBody)))]
pub async fn find_direction(
    State(studio): Shared,
    Path(id): Path<String>,
    Body(asked): Body<Attribute>,
) -> Result<(StatusCode, Json<JobName>), Failure> {
    check_text(&asked.attribute)?;
    let run = directory(&studio, &id).await?;
    let work = Work::direction(run, &asked.attribute, studio.options.threads);
    let job = studio.jobs.add("direction", |_, _| Ok(work))?;
    Ok((StatusCode::ACCEPTED, Json(JobName { job })))
}

/// What commands read for the weights of a checkpoint, or for the newest: a file, or the directory of a run.
fn networks_of(run: PathBuf, checkpoint: Option<u64>) -> Result<PathBuf, Failure> {
    let Some(step) = checkpoint else {
        return Ok(run);
    };
    let folder = RunDirectory::open_shared(&run)
        .map_err(|_| Failure::NotFound("the run is not there any more".to_owned()))?;
    Ok(folder.checkpoint(step))
}

/// A sum in words.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Sum {
    /// Such as `man with glasses - man + woman`.
    words: String,
    /// The step of a checkpoint; the newest weights if it is missing.
    checkpoint: Option<u64>,
}

/// Finds pictures that match words and adds their latent vectors, as `dcgan arithmetic` does. The job's result
/// has the `terms` with their seeds, the `latent` vector of the sum, and `lines`.
#[utoipa::path(post, path = "/api/runs/{run}/arithmetic", params(("run" = String, Path)), request_body = Sum,
    responses((status = 202, body = JobName), (status = 404, body = ErrorBody), (status = 422, body = ErrorBody),
        (status = 429, body = ErrorBody)))]
pub async fn arithmetic(
    State(studio): Shared,
    Path(id): Path<String>,
    Body(asked): Body<Sum>,
) -> Result<(StatusCode, Json<JobName>), Failure> {
    check_text(&asked.words)?;
    let run = directory(&studio, &id).await?;
    let run = networks_of(run, asked.checkpoint)?;
    let threads = studio.options.threads;
    let job = studio.jobs.add("arithmetic", |folder, _| {
        Ok(Work::arithmetic(run, &asked.words, folder, threads))
    })?;
    Ok((StatusCode::ACCEPTED, Json(JobName { job })))
}

/// Latent vectors whose pictures are compared.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Compared {
    /// At most 8.
    latents: Vec<Latent>,
    /// The step of a checkpoint; the newest weights if it is missing.
    checkpoint: Option<u64>,
}

/// Finds the training pictures that are nearest to pictures of latent vectors, as `dcgan neighbours` does. The
/// job's result has a row for each; its picture shows them, a row each: three nearest in pixels, then three in
/// features.
#[utoipa::path(post, path = "/api/runs/{run}/neighbours", params(("run" = String, Path)), request_body = Compared,
    responses((status = 202, body = JobName), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
        (status = 422, body = ErrorBody), (status = 429, body = ErrorBody)))]
pub async fn neighbours(
    State(studio): Shared,
    Path(id): Path<String>,
    Body(asked): Body<Compared>,
) -> Result<(StatusCode, Json<JobName>), Failure> {
    let count = asked.latents.len();
    if !(1..=work::MOST_COMPARED).contains(&count) {
        return Err(Failure::Invalid(format!(
            "{count} latent vectors: give 1 to {}",
            work::MOST_COMPARED
        )));
    }
    let run = directory(&studio, &id).await?;
    let weights = Weights {
        run: run.clone(),
        checkpoint: asked.checkpoint,
    };
    let run = networks_of(run, asked.checkpoint)?;
    let resolve = move |model: &mut Model| model.resolve(&asked.latents);
    let vectors = studio.painter.with(weights, resolve).await?;
    let threads = studio.options.threads;
    let job = studio.jobs.add("neighbours", |folder, _| {
        Work::neighbours(run, &vectors, folder, threads)
    })?;
    Ok((StatusCode::ACCEPTED, Json(JobName { job })))
}

/// A picture to judge.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Judged {
    latent: Latent,
    /// The step of a checkpoint; the newest weights if it is missing.
    checkpoint: Option<u64>,
    /// x and y of a pixel.
    at: Option<[f64; 2]>,
}

/// What the discriminator thinks of a picture.
#[derive(Debug, Serialize, ToSchema)]
pub struct Opinion {
    /// Above 0 if it takes the picture for real.
    logit: f32,
    /// The same as a probability, 0 to 1.
    probability: f32,
    /// A PNG as a data address: what in the picture excites the unit of its last layer that is most active at
    /// `at`.
    heat: Option<String>,
}

/// The side of the picture of a gradient.
const HEAT_SIDE: u32 = 256;

/// Gradients beyond this part of the largest are shown as the largest.
const CLIPPED: f32 = 0.6;

/// What the discriminator thinks of a picture, and what at one place of it excites it.
#[utoipa::path(post, path = "/api/runs/{run}/opinion", params(("run" = String, Path)), request_body = Judged,
    responses((status = 200, body = Opinion), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
        (status = 422, body = ErrorBody), (status = 429, body = ErrorBody)))]
pub async fn opinion(
    State(studio): Shared,
    Path(id): Path<String>,
    Body(asked): Body<Judged>,
) -> Result<Json<Opinion>, Failure> {
    let weights = Weights {
        run: directory(&studio, &id).await?,
        checkpoint: asked.checkpoint,
    };
    let judged = studio.painter.with(weights, move |model| {
        let (side, channels) = (model.config().image_size, model.config().channels);
        let vectors = model.resolve(&[asked.latent])?;
        let values = model.values(&vectors);
        let discriminator = model.discriminator()?;
        let logit = discriminator.logits_of_values(&values)[0];
        let heat = asked.at.map(|[x, y]| {
            let at = [x, y].map(|at| (at / side as f64).clamp(0.0, 1.0));
            let mut guided = discriminator.guided_backpropagation_at_values(&values, at);
            let largest = guided
                .gradient
                .iter()
                .fold(0.0_f32, |most, g| most.max(g.abs()));
            let scale = (largest * CLIPPED).max(f32::MIN_POSITIVE);
            guided.gradient.iter_mut().for_each(|value| *value /= scale);
            picture_from_values(&guided.gradient, PictureShape::square(side, channels))
        });
        Ok((logit, heat))
    });
    let (logit, heat) = judged.await?;
    let heat = match heat {
        None => None,
        Some(picture) => {
            let bytes = aside(move || {
                let large = picture.resize_exact(HEAT_SIDE, HEAT_SIDE, FilterType::Nearest);
                encode(&large, &Origin::default())
            });
            let encoded = BASE64_STANDARD.encode(bytes.await?);
            Some(format!("data:image/png;base64,{encoded}"))
        }
    };
    Ok(Json(Opinion {
        logit,
        probability: 1.0 / (1.0 + (-logit).exp()),
        heat,
    }))
}

/// Searches for the latent vector whose picture is nearest to one that is sent, as `dcgan project` does. The
/// job's result has the `latent` vector; its picture is the one that was found.
#[utoipa::path(post, path = "/api/runs/{run}/project", params(("run" = String, Path)),
    request_body(content = Vec<u8>, content_type = "image/*"),
    responses((status = 202, body = JobName), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
        (status = 413, body = ErrorBody), (status = 422, body = ErrorBody), (status = 429, body = ErrorBody)))]
pub async fn project(
    State(studio): Shared,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Result<Bytes, axum::extract::rejection::BytesRejection>,
) -> Result<(StatusCode, Json<JobName>), Failure> {
    let kind = headers.get(CONTENT_TYPE).and_then(|it| it.to_str().ok());
    if !kind.is_some_and(|kind| kind.starts_with("image/")) {
        return Err(Failure::Invalid(
            "send a picture, with its type in Content-Type".to_owned(),
        ));
    }
    let picture = body.map_err(|_| {
        Failure::TooLarge(format!(
            "the picture is larger than {} MB",
            super::LARGEST_PICTURE >> 20
        ))
    })?;
    if picture.is_empty() {
        return Err(Failure::Invalid("the picture is empty".to_owned()));
    }
    let run = directory(&studio, &id).await?;
    let weights = Weights {
        run: run.clone(),
        checkpoint: None,
    };
    let z_dim = studio
        .painter
        .with(weights, |model| Ok(model.config().z_dim));
    let z_dim = z_dim.await?;
    let threads = studio.options.threads;
    let job = studio.jobs.add("project", |folder, _| {
        Work::project(run, &picture, folder, threads, z_dim)
    })?;
    Ok((StatusCode::ACCEPTED, Json(JobName { job })))
}

/// Makes the page that draws new pictures without the studio, as `dcgan export --page` does. The job has a file.
#[utoipa::path(post, path = "/api/runs/{run}/page", params(("run" = String, Path)),
    request_body = super::training::Nothing,
    responses((status = 202, body = JobName), (status = 404, body = ErrorBody), (status = 422, body = ErrorBody),
        (status = 429, body = ErrorBody)))]
pub async fn page(
    State(studio): Shared,
    Path(id): Path<String>,
    Body(super::training::Nothing {}): Body<super::training::Nothing>,
) -> Result<(StatusCode, Json<JobName>), Failure> {
    let run = directory(&studio, &id).await?;
    let job = studio
        .jobs
        .add("page", |folder, _| Ok(Work::page(run, &id, folder)))?;
    Ok((StatusCode::ACCEPTED, Json(JobName { job })))
}
