//! The page, in a browser.

use std::fs::File;
use std::io::BufReader;
use std::time::Instant;

use image::AnimationDecoder;
use serde_json::json;

use super::browser::Browser;
use super::server::{PATIENCE, Running, signal};
use crate::support::Place;

/// A browser with a page of the studio, or none.
fn open(studio: &Running, page: &str) -> Option<Browser> {
    let server = format!("http://{}/", studio.address);
    let mut browser = Browser::start_online(&server)?;
    browser.resize(1280, 900);
    browser.go_to(&format!("{server}{page}"));
    Some(browser)
}

/// Clicks on the first button with this text.
fn press_button(browser: &mut Browser, text: &str) {
    let text = json!(text);
    let button = format!(
        "[...document.querySelectorAll('button')].find((one) => one.textContent === {text})"
    );
    browser.wait(&format!(
        "{{ const one = {button}; one !== undefined && !one.disabled }}"
    ));
    browser.value(&format!("{button}.click()"));
}

/// Waits until the page says this.
fn wait_for_words(browser: &mut Browser, words: &str) {
    browser.wait(&format!(
        "document.body.innerText.includes({})",
        json!(words)
    ));
}

/// Waits until the large picture is drawn, and returns its pixels.
fn large_picture(browser: &mut Browser) -> Vec<u8> {
    settle(browser);
    browser.pixels(".bench canvas")
}

/// Waits until every picture is drawn.
fn settle(browser: &mut Browser) {
    browser.wait("document.querySelector('.bench canvas') !== null && !document.querySelector('canvas[aria-busy]')");
}

#[test]
fn a_run_is_started_watched_stopped_and_resumed_from_the_page() {
    let place = Place::with_faces();
    let studio = Running::start(&place, "runs --data .");
    let Some(mut browser) = open(&studio, "#/new") else {
        return;
    };
    wait_for_words(&mut browser, "Start training");
    // what the data is, and what would be done
    browser.enter("#data", "0/faces");
    wait_for_words(&mut browser, "16");
    browser.value("document.querySelector('input[name=preset][value=small]').click()");
    for (field, value) in [
        ("steps", "100000"),
        ("batch_size", "8"),
        ("ngf", "4"),
        ("ndf", "4"),
    ] {
        browser.enter(&format!("#option-{field}"), value);
    }
    wait_for_words(&mut browser, "100000 steps");
    wait_for_words(&mut browser, "memory");
    browser.enter("#run-name", "mine");
    press_button(&mut browser, "Start training");
    browser.wait("location.hash === '#/run/mine/training'");
    let step = |browser: &mut Browser| {
        let text = browser.text("document.querySelector('.run-line').innerText");
        let after = text.split("step ").nth(1).unwrap_or("0").replace(',', "");
        let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<u64>().unwrap_or(0)
    };
    let end = Instant::now() + PATIENCE;
    while step(&mut browser) < 3 {
        assert!(Instant::now() < end, "it does not progress");
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    press_button(&mut browser, "Stop");
    wait_for_words(&mut browser, "stopped");
    press_button(&mut browser, "Resume");
    studio.wait_for("mine", |run| run["state"] == "training");
    wait_for_words(&mut browser, "training");
    press_button(&mut browser, "Stop");
    studio.wait_for("mine", |run| run["state"] == "stopped");
    browser.was_quiet();
}

#[test]
fn hundreds_of_runs_are_listed_and_one_of_them_is_found_by_its_name() {
    let place = Place::with_run();
    for number in 0..300 {
        let copy = place.path(&format!("runs/copy-{number}"));
        std::fs::create_dir_all(&copy).unwrap();
        for file in ["config.toml", "metrics.jsonl"] {
            std::fs::copy(place.path(&format!("run/{file}")), copy.join(file)).unwrap();
        }
    }
    let studio = Running::start(&place, "runs");
    let Some(mut browser) = open(&studio, "#/runs") else {
        return;
    };
    wait_for_words(&mut browser, "300 runs");
    let shown = "[...document.querySelectorAll('article.run')].filter((one) => !one.hidden).length";
    browser.wait(&format!("{shown} === 300"));
    browser.enter("#search", "copy-29");
    // 29, and 290 to 299
    browser.wait(&format!("{shown} === 11"));
    browser.was_quiet();
}

#[test]
fn the_film_shows_the_reports_of_the_same_latent_vectors() {
    let place = Place::with_faces();
    place
        .train("faces --out run --steps 6 --report-every 2")
        .succeeded();
    let studio = Running::start(&place, ".");
    let Some(mut browser) = open(&studio, "#/run/run/training") else {
        return;
    };
    wait_for_words(&mut browser, "too little data");
    browser.wait("document.querySelector('.where')?.textContent === 'step 6'");
    browser.enter(".film-controls input[type=range]", "0");
    browser.wait("document.querySelector('.where').textContent === 'step 2'");
    // by the keyboard
    browser.value("document.querySelector('.film-controls input[type=range]').focus()");
    browser.press("ArrowRight");
    browser.wait("document.querySelector('.where').textContent === 'step 4'");
    press_button(&mut browser, "Play");
    browser.wait("document.querySelector('.where').textContent === 'step 6'");
    browser.was_quiet();
}

#[test]
fn pictures_are_drawn_moved_kept_summed_and_saved() {
    let place = Place::with_run();
    place.run("sample run --seeds 3 -o three/").succeeded();
    let studio = Running::start(&place, ".");
    let Some(mut browser) = open(&studio, "#/run/run/explore") else {
        return;
    };
    settle(&mut browser);
    browser.value("document.querySelectorAll('.faces .face')[3].click()");
    wait_for_words(&mut browser, "Seed 3");
    let before = large_picture(&mut browser);
    press_button(&mut browser, "Save PNG");
    let saved = browser.downloaded("run-seed-3.png");
    let open = |path| image::open(path).unwrap().to_rgb8().into_raw();
    assert_eq!(open(saved), open(place.path("three/seed-000003.png")));

    // a slider changes the picture, and back
    browser.enter(".sliders input[type=range]", "3");
    let end = Instant::now() + PATIENCE;
    while large_picture(&mut browser) == before {
        assert!(Instant::now() < end, "the slider changes nothing");
    }
    press_button(&mut browser, "Reset");
    while large_picture(&mut browser) != before {
        assert!(Instant::now() < end, "the slider does not go back");
    }
    press_button(&mut browser, "Keep");
    browser.wait("document.querySelectorAll('.kept-row .face').length === 1");

    // 3 - 5 + 5 is 3
    for (seed, group) in [(3, 0), (5, 1), (5, 2)] {
        browser.value(&format!(
            "document.querySelectorAll('.faces .face')[{seed}].click()"
        ));
        wait_for_words(&mut browser, &format!("Seed {seed}"));
        browser.value(&format!(
            "[...document.querySelectorAll('button')].filter((one) => one.textContent === 'Add the chosen')[{group}].click()"
        ));
    }
    let end = Instant::now() + PATIENCE;
    loop {
        settle(&mut browser);
        let sum = browser.pixels(".operand.result canvas");
        let furthest = sum.iter().zip(&before).map(|(a, b)| a.abs_diff(*b)).max();
        if sum.len() == before.len() && furthest <= Some(1) {
            break;
        }
        assert!(Instant::now() < end, "3 - 5 + 5 is not 3");
    }

    // kept pictures are there again after a reload
    browser.go_to(&format!("http://{}/#/runs", studio.address));
    browser.go_to(&format!("http://{}/#/run/run/explore", studio.address));
    browser.value("location.reload()");
    browser.wait("document.querySelectorAll('.kept-row .face').length === 1");
    settle(&mut browser);
    browser.was_quiet();
}

#[test]
fn an_interpolation_is_scrubbed_played_and_saved() {
    let place = Place::with_run();
    let studio = Running::start(&place, ".");
    let Some(mut browser) = open(&studio, "#/run/run/explore") else {
        return;
    };
    settle(&mut browser);
    let first = browser.pixels(".walk-frame canvas");
    let slider = "input[aria-label=Position]";
    browser.enter(slider, "5");
    settle(&mut browser);
    let between = browser.pixels(".walk-frame canvas");
    assert_ne!(between, first, "the slider changes nothing");
    browser.value("[...document.querySelectorAll('button.play')].at(-1).click()");
    browser.wait(&format!(
        "![5, 0].includes(Number(document.querySelector('{slider}').value))"
    ));
    press_button(&mut browser, "Pause");
    press_button(&mut browser, "Save GIF");
    let saved = browser.downloaded("run-interpolation.gif");
    let gif = image::codecs::gif::GifDecoder::new(BufReader::new(File::open(saved).unwrap()));
    // six new pictures, and sixteen frames from each to the next
    assert_eq!(gif.unwrap().into_frames().count(), 6 * 16);
    browser.was_quiet();
}

#[test]
fn a_tab_that_is_closed_cancels_the_jobs_that_it_waits_for() {
    let place = Place::with_run();
    let studio = Running::start(&place, ".");
    let Some(mut browser) = open(&studio, "#/run/run/explore") else {
        return;
    };
    settle(&mut browser);
    let latents = json!({"latents": [{"seed": 1}]});
    let jobs: Vec<_> = (0..6)
        .map(|_| studio.post("/api/runs/run/neighbours", &latents))
        .collect();
    press_button(&mut browser, "Find");
    wait_for_words(&mut browser, "Waiting: ");
    browser.go_to("about:blank");
    let end = Instant::now() + PATIENCE;
    let of_the_tab = loop {
        let job = studio.get("/api/jobs/7").json();
        if job["state"] != "queued" {
            break job;
        }
        assert!(Instant::now() < end, "never: {job}");
    };
    assert_eq!(of_the_tab["error"], "it was cancelled");
    // those of others go on
    let last = studio.wait_for_job(jobs.last().unwrap());
    assert_eq!(last["state"], "done", "{last}");
}

#[test]
fn an_own_picture_is_found_and_the_discriminator_has_a_say() {
    let place = Place::with_run();
    place.run("sample run --seeds 3 -o three.png").succeeded();
    let studio = Running::start(&place, ".");
    let Some(mut browser) = open(&studio, "#/run/run/explore") else {
        return;
    };
    settle(&mut browser);
    wait_for_words(&mut browser, "real (logit");
    let document = browser.command("DOM.getDocument", json!({}));
    let root = &document["root"]["nodeId"];
    let field = browser.command(
        "DOM.querySelector",
        json!({"nodeId": root, "selector": "input[type=file]"}),
    );
    browser.command(
        "DOM.setFileInputFiles",
        json!({"nodeId": field["nodeId"], "files": [place.path("three.png")]}),
    );
    browser.wait(
        "document.querySelector('.pair .face:not([disabled]) canvas:not([aria-busy])') !== null",
    );
    press_button(&mut browser, "Find");
    wait_for_words(&mut browser, "distance to the nearest training picture");
    browser.was_quiet();
}

#[test]
fn the_keyboard_alone_and_narrow_screens_are_enough() {
    let place = Place::with_run();
    let studio = Running::start(&place, ".");
    let Some(mut browser) = open(&studio, "#/run/run/explore") else {
        return;
    };
    settle(&mut browser);
    let mut tabs = 0;
    while browser.value("document.activeElement.classList.contains('face')") != json!(true) {
        browser.press("Tab");
        tabs += 1;
        assert!(tabs < 40, "no picture is reached");
    }
    browser.press("ArrowRight");
    browser.press("Enter");
    wait_for_words(&mut browser, "Seed 1");
    browser.press("k");
    browser.wait("document.querySelectorAll('.kept-row .face').length === 1");
    browser.press("a");
    browser.wait("document.querySelectorAll('.members .face').length === 1");
    for page in [
        "#/runs",
        "#/new",
        "#/run/run/training",
        "#/run/run/explore",
        "#/compare/run",
    ] {
        browser.resize(360, 740);
        browser.go_to(&format!("http://{}/{page}", studio.address));
        browser.wait("document.querySelector('main .page').childElementCount > 0");
        let widest = browser.value("document.documentElement.scrollWidth");
        assert!(
            widest.as_u64() <= Some(360),
            "{page} is {widest} pixels wide"
        );
        let unnamed = browser.value(
            "[...document.querySelectorAll('img:not([alt]), canvas[role=img]:not([aria-label])')].length",
        );
        assert_eq!(unnamed, 0, "{page}");
    }
    browser.was_quiet();
}

#[test]
fn a_studio_that_dies_and_comes_back_and_a_run_that_vanishes_are_said() {
    let place = Place::with_run();
    let mut studio = Running::start(&place, ".");
    let address = studio.address.clone();
    let Some(mut browser) = open(&studio, "#/run/run/training") else {
        return;
    };
    let Some(mut other) = open(&studio, "#/runs") else {
        return;
    };
    wait_for_words(&mut browser, "too little data");
    wait_for_words(&mut other, "complete");
    signal("-KILL", studio.process.id());
    studio.process.wait().unwrap();
    browser.wait("!document.querySelector('#lost').hidden");
    other.wait("!document.querySelector('#lost').hidden");
    let port = address.rsplit(':').next().unwrap();
    let again = Running::start_at(&place, &format!("--port {port} ."));
    assert_eq!(again.address, address);
    browser.wait("document.querySelector('#lost').hidden");
    other.wait("document.querySelector('#lost').hidden");
    std::fs::remove_dir_all(place.path("run")).unwrap();
    wait_for_words(&mut browser, "not in the folder any more");
    other.wait("document.querySelectorAll('article.run').length === 0");
}
