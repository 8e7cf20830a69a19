//! What may be trained on.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::JobName;
use crate::Shared;
use crate::data::{self, Choice};
use crate::failure::{Body, ErrorBody, Failure, aside};
use crate::jobs::Work;

/// What there is to train on.
#[utoipa::path(get, path = "/api/data", responses((status = 200, body = Vec<Choice>)))]
pub async fn list(State(studio): Shared) -> Result<Json<Vec<Choice>>, Failure> {
    let choices = aside(move || Ok(data::choices(&studio.options.data))).await?;
    Ok(Json(choices))
}

/// Data, by its name among the choices.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Data {
    data: String,
}

/// Checks a data set, as `dcgan data check` does. The job's result has its `lines`, and `preview`, the address of
/// a picture that shows some of the pictures as the networks see them.
#[utoipa::path(post, path = "/api/data/check", request_body = Data,
    responses((status = 202, body = JobName), (status = 404, body = ErrorBody), (status = 429, body = ErrorBody),
        (status = 422, body = ErrorBody)))]
pub async fn check(
    State(studio): Shared,
    Body(asked): Body<Data>,
) -> Result<(StatusCode, Json<JobName>), Failure> {
    let data = data::find(&studio.options.data, &asked.data)?;
    let job = studio.jobs.add("check", |folder, job| {
        Ok(Work::check(
            data,
            folder,
            format!("/api/jobs/{job}/picture"),
        ))
    })?;
    Ok((StatusCode::ACCEPTED, Json(JobName { job })))
}
