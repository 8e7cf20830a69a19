//! What is known of the runs.

use std::path::PathBuf;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderMap, IF_NONE_MATCH};
use axum::response::{IntoResponse, Response};
use dcgan::train::RunDirectory;
use dcgan_export::metrics_csv;
use serde::Deserialize;
use utoipa::IntoParams;

use super::download;
use crate::failure::{Asked, ErrorBody, Failure, aside};
use crate::run::{Columns, Detail, Run, columns, detail};
use crate::{Shared, Studio};

/// All runs, those first that are only just starting.
pub fn all(studio: &Studio) -> Vec<Run> {
    let mut runs = studio.trainings.without_run();
    let there = studio.runs.look().into_iter();
    runs.extend(there.map(|run| studio.trainings.explain(run)));
    runs
}

/// All runs.
#[utoipa::path(get, path = "/api/runs", responses((status = 200, body = Vec<Run>)))]
pub async fn list(State(studio): Shared) -> Result<Json<Vec<Run>>, Failure> {
    Ok(Json(aside(move || Ok(all(&studio))).await?))
}

/// One run as it is now.
pub async fn one(studio: Arc<Studio>, id: String) -> Result<Run, Failure> {
    aside(move || {
        let mut starting = studio.trainings.without_run().into_iter();
        match starting.find(|run| run.id == id) {
            Some(run) => Ok(run),
            None => Ok(studio.trainings.explain(studio.runs.look_at(&id)?)),
        }
    })
    .await
}

/// The directory of a run.
pub async fn directory(studio: &Arc<Studio>, id: &str) -> Result<PathBuf, Failure> {
    let (studio, id) = (Arc::clone(studio), id.to_owned());
    aside(move || studio.runs.find(&id)).await
}

/// A run, and what the doctor says of it.
#[utoipa::path(get, path = "/api/runs/{run}", params(("run" = String, Path)),
    responses((status = 200, body = Detail), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody)))]
pub async fn get(State(studio): Shared, Path(id): Path<String>) -> Result<Json<Detail>, Failure> {
    let found = aside(move || {
        let path = studio.runs.find(&id)?;
        let run = studio.trainings.explain(studio.runs.look_at(&id)?);
        detail(run, &path, &studio.program.words)
    });
    Ok(Json(found.await?))
}

/// Which measurements.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct Range {
    /// The most bins, from 1 to 10000.
    points: Option<usize>,
    /// The first step.
    from: Option<u64>,
    /// The last step.
    to: Option<u64>,
}

/// The most bins of one answer, and how many there are if nothing is asked for.
const MOST_POINTS: usize = 10_000;
const USUAL_POINTS: usize = 800;

/// The measurements of a run.
#[utoipa::path(get, path = "/api/runs/{run}/metrics", params(("run" = String, Path), Range),
    responses((status = 200, body = Columns), (status = 404, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub async fn metrics(
    State(studio): Shared,
    Path(id): Path<String>,
    Asked(range): Asked<Range>,
) -> Result<Json<Columns>, Failure> {
    let bins = range.points.unwrap_or(USUAL_POINTS);
    if !(1..=MOST_POINTS).contains(&bins) {
        return Err(Failure::Invalid(format!(
            "points={bins}: give 1 to {MOST_POINTS}"
        )));
    }
    let steps = [range.from.unwrap_or(0), range.to.unwrap_or(u64::MAX)];
    let found = aside(move || {
        let path = studio.runs.find(&id)?;
        columns(&path, steps, bins, &studio.program.words)
    });
    Ok(Json(found.await?))
}

/// All measurements as a table, as `dcgan info RUN --csv` writes it.
#[utoipa::path(get, path = "/api/runs/{run}/metrics.csv", params(("run" = String, Path)),
    responses((status = 200, content_type = "text/csv"), (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody)))]
pub async fn metrics_csv(
    State(studio): Shared,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let name = format!("{}-metrics.csv", id.replace('/', "-"));
    let table = aside(move || {
        let path = studio.runs.find(&id)?;
        let in_words = |error| Failure::Conflict((studio.program.words.error)(&error));
        let folder = RunDirectory::open_shared(&path).map_err(in_words)?;
        let lines = dcgan::train::read_metrics(&folder.metrics()).map_err(in_words)?;
        let mut table = Vec::new();
        metrics_csv::write(&mut table, &lines).map_err(Failure::internal)?;
        Ok(table)
    });
    Ok(download("text/csv; charset=utf-8", &name, table.await?))
}

/// Which grid.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct GridOf {
    /// `fakes` or `real`
    of: Option<String>,
}

/// The grid of a report: 64 fakes of latent vectors that are the same in every report, or 64 real pictures.
#[utoipa::path(get, path = "/api/runs/{run}/grids/{step}",
    params(("run" = String, Path), ("step" = u64, Path), GridOf),
    responses((status = 200, content_type = "image/png"), (status = 304), (status = 404, body = ErrorBody),
        (status = 422, body = ErrorBody)))]
pub async fn grid(
    State(studio): Shared,
    Path((id, step)): Path<(String, String)>,
    Asked(which): Asked<GridOf>,
    request_headers: HeaderMap,
) -> Result<Response, Failure> {
    let step: u64 = step
        .parse()
        .map_err(|_| Failure::Invalid(format!("'{step}' is not the number of a step")))?;
    let is_real = match which.of.as_deref() {
        None | Some("fakes") => false,
        Some("real") => true,
        Some(other) => {
            return Err(Failure::Invalid(format!("of={other}: give fakes or real")));
        }
    };
    let found = aside(move || {
        let path = studio.runs.find(&id)?;
        let folder = RunDirectory::open_shared(&path)
            .map_err(|error| Failure::Conflict((studio.program.words.error)(&error)))?;
        let file = if is_real {
            folder.real_grid(step)
        } else {
            folder.fake_grid(step)
        };
        let missing =
            |_| Failure::NotFound(format!("the run has no grid of step {step} (any more)"));
        let bytes = std::fs::read(&file).map_err(missing)?;
        let fingerprint = crc32fast::hash(&bytes);
        Ok((format!("\"{fingerprint:08x}-{}\"", bytes.len()), bytes))
    });
    let (tag, bytes) = found.await?;
    // a run that goes back draws other pictures at the same address
    let headers = [
        (CONTENT_TYPE, "image/png".to_owned()),
        (CACHE_CONTROL, "private, no-cache".to_owned()),
        (ETAG, tag.clone()),
    ];
    if request_headers
        .get(IF_NONE_MATCH)
        .is_some_and(|known| known.as_bytes() == tag.as_bytes())
    {
        return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    Ok((headers, bytes).into_response())
}
