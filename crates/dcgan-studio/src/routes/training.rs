//! Starting, stopping and resuming trainings.

use std::ffi::OsString;
use std::path::Path as FilePath;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use dcgan::train::RunDirectory;
use serde::Deserialize;
use utoipa::ToSchema;

use super::JobName;
use super::runs::{directory, one};
use crate::failure::{Body, ErrorBody, Failure, aside};
use crate::jobs::Work;
use crate::run::{Run, findings_of, keeps_networks};
use crate::training::{self, new_name};
use crate::training_options::TrainingOptions;
use crate::{Shared, Studio, data};

/// A new run.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRun {
    /// What to train on, by its name among the choices.
    data: String,
    /// The name of the run; that of the data if it is missing.
    name: Option<String>,
    /// How to train.
    #[serde(default)]
    options: TrainingOptions,
}

/// Says what a training would do, as `dcgan train --dry-run` does: the job's result has `lines` and `settings`.
#[utoipa::path(post, path = "/api/plan", request_body = NewRun,
    responses((status = 202, body = JobName), (status = 404, body = ErrorBody), (status = 422, body = ErrorBody),
        (status = 429, body = ErrorBody)))]
pub async fn plan(
    State(studio): Shared,
    Body(asked): Body<NewRun>,
) -> Result<(StatusCode, Json<JobName>), Failure> {
    let data = data::find(&studio.options.data, &asked.data)?;
    let work = Work::plan(data, asked.options.words());
    let job = studio.jobs.add("plan", |_, _| Ok(work))?;
    Ok((StatusCode::ACCEPTED, Json(JobName { job })))
}

/// Starts a training.
#[utoipa::path(post, path = "/api/runs", request_body = NewRun,
    responses((status = 202, body = Run), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
        (status = 422, body = ErrorBody)))]
pub async fn start(
    State(studio): Shared,
    Body(asked): Body<NewRun>,
) -> Result<(StatusCode, Json<Run>), Failure> {
    let data = data::find(&studio.options.data, &asked.data)?;
    let mut words = vec![OsString::from("train"), data.clone().into()];
    words.extend(asked.options.words());
    begin(studio, asked.name, data, words).await
}

/// Starts a new run. `words` lack only its directory.
async fn begin(
    studio: Arc<Studio>,
    name: Option<String>,
    after: impl AsRef<FilePath> + Send + 'static,
    mut words: Vec<OsString>,
) -> Result<(StatusCode, Json<Run>), Failure> {
    let shared = Arc::clone(&studio);
    let name = aside(move || {
        let folder = studio.runs.folder();
        let is_known = |name: &str| studio.trainings.has(name);
        let name = new_name(folder, name.as_deref(), after.as_ref(), is_known)?;
        let path = folder.join(&name);
        words.push(option("out", &path));
        studio
            .trainings
            .start(&studio.program, &name, &path, words)?;
        Ok(name)
    })
    .await?;
    let run = one(shared, name).await?;
    Ok((StatusCode::ACCEPTED, Json(run)))
}

fn option(name: &str, value: impl Into<OsString>) -> OsString {
    let mut option = OsString::from(format!("--{name}="));
    option.push(value.into());
    option
}

/// Nothing.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// Asks a training to stop after its step, and to save the run.
#[utoipa::path(post, path = "/api/runs/{run}/stop", params(("run" = String, Path)), request_body = Nothing,
    responses((status = 202, body = Run), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
        (status = 422, body = ErrorBody)))]
pub async fn stop(
    State(studio): Shared,
    Path(id): Path<String>,
    Body(Nothing {}): Body<Nothing>,
) -> Result<(StatusCode, Json<Run>), Failure> {
    if let Some(run) = studio.trainings.stop_starting(&id)? {
        return Ok((StatusCode::ACCEPTED, Json(run)));
    }
    let path = directory(&studio, &id).await?;
    aside(move || training::stop(&path)).await?;
    Ok((StatusCode::ACCEPTED, Json(one(studio, id).await?)))
}

/// How to go on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Resume {
    /// Steps in all, if not those of before.
    steps: Option<u64>,
}

/// Continues a run from its newest checkpoint.
#[utoipa::path(post, path = "/api/runs/{run}/resume", params(("run" = String, Path)), request_body = Resume,
    responses((status = 202, body = Run), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
        (status = 422, body = ErrorBody)))]
pub async fn resume(
    State(studio): Shared,
    Path(id): Path<String>,
    Body(asked): Body<Resume>,
) -> Result<(StatusCode, Json<Run>), Failure> {
    go_on(&studio, &id, asked.steps).await?;
    Ok((StatusCode::ACCEPTED, Json(one(studio, id).await?)))
}

async fn go_on(studio: &Arc<Studio>, id: &str, steps: Option<u64>) -> Result<(), Failure> {
    let path = directory(studio, id).await?;
    let (studio, id) = (Arc::clone(studio), id.to_owned());
    aside(move || {
        if RunDirectory::open_shared(&path).is_ok_and(|folder| folder.is_in_use()) {
            return Err(Failure::Conflict(training::IS_TRAINING.to_owned()));
        }
        let mut words = vec![OsString::from("train"), option("resume", &path)];
        words.extend(steps.map(|steps| OsString::from(format!("--steps={steps}"))));
        studio.trainings.start(&studio.program, &id, &path, words)
    })
    .await
}

/// What to do about a finding.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Restart {
    /// The name of a piece of advice that a finding of the run has.
    advice: String,
    /// The step of a checkpoint whose weights the new run starts with, if the advice keeps the networks; random
    /// ones if it is missing.
    checkpoint: Option<u64>,
}

/// Starts a new run with the settings of this one and the options that follow a piece of advice.
#[utoipa::path(post, path = "/api/runs/{run}/restart", params(("run" = String, Path)), request_body = Restart,
    responses((status = 202, body = Run), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
        (status = 422, body = ErrorBody)))]
pub async fn restart(
    State(studio): Shared,
    Path(id): Path<String>,
    Body(asked): Body<Restart>,
) -> Result<(StatusCode, Json<Run>), Failure> {
    let path = directory(&studio, &id).await?;
    let shared = Arc::clone(&studio);
    let run = path.clone();
    let words = aside(move || {
        let words = shared.program.words;
        let in_words = |error| Failure::Conflict((words.error)(&error));
        let folder = RunDirectory::open_shared(&run).map_err(in_words)?;
        let config = folder.read_config().map_err(in_words)?;
        let diagnosis = dcgan::doctor::diagnose(&run).map_err(in_words)?;
        let findings = findings_of(&diagnosis, &config);
        let mut advice = findings.iter().flat_map(|it| &it.advice);
        let name = |advice| serde_json::to_value(advice).unwrap_or_default();
        let found = advice.find(|advice| name(**advice) == asked.advice.as_str());
        let flags = found.and_then(|&advice| Some((advice, (words.flags)(advice, &config)?)));
        let (advice, flags) = flags.ok_or_else(|| {
            Failure::Invalid(format!(
                "'{}' is not something that a new run of these settings can do",
                asked.advice
            ))
        })?;
        let mut words = vec![OsString::from("train"), option("config", folder.config())];
        words.extend(flags.into_iter().map(OsString::from));
        if let Some(step) = asked.checkpoint {
            if !keeps_networks(advice) {
                return Err(Failure::Invalid(
                    "a run with other networks cannot start with these weights: leave the checkpoint out".to_owned(),
                ));
            }
            words.push(option("start-from", folder.checkpoint(step)));
        }
        Ok(words)
    })
    .await?;
    begin(studio, None, path, words).await
}

/// Forgets a training that could not start.
#[utoipa::path(post, path = "/api/runs/{run}/forget", params(("run" = String, Path)), request_body = Nothing,
    responses((status = 204), (status = 422, body = ErrorBody)))]
pub async fn forget(
    State(studio): Shared,
    Path(id): Path<String>,
    Body(Nothing {}): Body<Nothing>,
) -> StatusCode {
    studio.trainings.forget(&id);
    StatusCode::NO_CONTENT
}
