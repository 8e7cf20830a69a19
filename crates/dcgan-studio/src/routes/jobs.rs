//! Jobs: what takes longer than a request.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

use super::download;
use crate::Shared;
use crate::failure::{ErrorBody, Failure, aside};
use crate::jobs::Job;

/// A job as it is now.
#[utoipa::path(get, path = "/api/jobs/{job}", params(("job" = String, Path)),
    responses((status = 200, body = Job), (status = 404, body = ErrorBody)))]
pub async fn get(State(studio): Shared, Path(job): Path<String>) -> Result<Json<Job>, Failure> {
    Ok(Json(studio.jobs.get(&job)?))
}

/// Ends a job.
#[utoipa::path(delete, path = "/api/jobs/{job}", params(("job" = String, Path)),
    responses((status = 204), (status = 404, body = ErrorBody)))]
pub async fn cancel(State(studio): Shared, Path(job): Path<String>) -> Result<StatusCode, Failure> {
    studio.jobs.cancel(&job)?;
    Ok(StatusCode::NO_CONTENT)
}

/// The picture of a job.
#[utoipa::path(get, path = "/api/jobs/{job}/picture", params(("job" = String, Path)),
    responses((status = 200, content_type = "image/png"), (status = 404, body = ErrorBody)))]
pub async fn picture(State(studio): Shared, Path(job): Path<String>) -> Result<Response, Failure> {
    let path = studio.jobs.picture(&job)?;
    let bytes = aside(move || std::fs::read(path).map_err(Failure::internal)).await?;
    Ok(([(CONTENT_TYPE, "image/png")], bytes).into_response())
}

/// The file that a job made.
#[utoipa::path(get, path = "/api/jobs/{job}/file", params(("job" = String, Path)),
    responses((status = 200, content_type = "application/octet-stream"), (status = 404, body = ErrorBody)))]
pub async fn file(State(studio): Shared, Path(job): Path<String>) -> Result<Response, Failure> {
    let (path, name) = studio.jobs.file(&job)?;
    let bytes = aside(move || std::fs::read(path).map_err(Failure::internal)).await?;
    Ok(download("application/octet-stream", &name, bytes))
}
