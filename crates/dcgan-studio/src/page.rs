//! The page: HTML, CSS and JavaScript modules inside the program.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

/// The files of the page, all in `src/web/`.
macro_rules! files {
    ($($name:literal),+ $(,)?) => {
        &[$(($name, include_bytes!(concat!("web/", $name)))),+]
    };
}

/// Names and contents.
const FILES: &[(&str, &[u8])] = files![
    "api.js",
    "arithmetic.js",
    "bench.js",
    "compare_page.js",
    "connection.js",
    "data_choice.js",
    "drag.js",
    "element.js",
    "explore_page.js",
    "film.js",
    "film_controls.js",
    "film_strip.js",
    "findings.js",
    "index.html",
    "interpolation.js",
    "jobs.js",
    "kept.js",
    "latent.js",
    "main.js",
    "neighbours.js",
    "new_run_page.js",
    "opinion.js",
    "painter.js",
    "picture_cell.js",
    "picture_grid.js",
    "plan.js",
    "plot.js",
    "plot_canvas.js",
    "plots.js",
    "projection.js",
    "report_grid.js",
    "router.js",
    "run_actions.js",
    "run_card.js",
    "run_header.js",
    "run_options.js",
    "run_state.js",
    "runs.js",
    "runs_page.js",
    "say.js",
    "sliders.js",
    "studio.css",
    "studio.svg",
    "time_axis.js",
    "training_page.js",
    "words.js",
];

/// The page itself.
pub async fn index() -> Response {
    answer("index.html")
}

/// A file of the page.
pub async fn file(Path(name): Path<String>) -> Response {
    answer(&name)
}

fn answer(name: &str) -> Response {
    let Some((name, bytes)) = FILES.iter().find(|(known, _)| *known == name) else {
        return (StatusCode::NOT_FOUND, "there is no such file").into_response();
    };
    let kind = match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "text/javascript; charset=utf-8",
    };
    // a newer program has newer files at the same address
    let headers = [(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-cache")];
    (headers, *bytes).into_response()
}
