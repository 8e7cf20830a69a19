//! `dcgan export --page`, in a browser.

#[allow(dead_code, reason = "shared with the tests of the studio")]
mod browser;

use std::fs;
use std::path::Path;

use dcgan::config::{ModelConfig, Preset};
use dcgan::latent::{self, DirectionOrigin, LatentDirection};
use serde_json::Value;

use self::browser::Browser;
use crate::support::{Place, assert_names};

/// The page's random numbers, as a script.
const RANDOM: &str = include_str!("../../../../dcgan-export/src/page/web/random.js");

/// A run in `run` of a tiny network, and its page in `faces.html`.
fn place_with_page(training: &str) -> Place {
    let place = Place::with_faces();
    place
        .train(&format!(
            "faces --out run --steps 2 --report-every 2 {training}"
        ))
        .succeeded();
    place.run("export run --page faces.html").succeeded();
    place
}

/// A browser that shows the page, or none.
fn open(place: &Place) -> Option<Browser> {
    let mut browser = Browser::open(&place.path("faces.html"))?;
    browser.resize(1200, 900);
    browser.wait_for_pictures();
    Some(browser)
}

/// The bytes of the program's picture.
fn picture(path: &Path) -> Vec<u8> {
    let picture = image::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    picture.to_rgb8().into_raw()
}

/// Asserts that no byte differs by more than 1.
fn assert_alike(what: &str, drawn: &[u8], expected: &[u8]) {
    assert_eq!(drawn.len(), expected.len(), "{what}");
    let most = drawn
        .iter()
        .zip(expected)
        .map(|(a, b)| a.abs_diff(*b))
        .max();
    assert!(most <= Some(1), "{what}: bytes differ by {most:?}");
}

/// The `number`-th picture of the grid, from 0.
fn face(number: usize) -> String {
    format!("#faces button:nth-child({}) canvas", number + 1)
}

fn kept(browser: &mut Browser) -> Value {
    browser.value(
        "[...document.querySelectorAll('#kept figcaption')].map(caption => caption.textContent)",
    )
}

#[test]
fn a_page_draws_the_pictures_of_the_program_with_every_preset() {
    for (training, truncation) in [
        ("--preset tutorial", None),
        ("--preset pytorch --image-size 32 --channels 1", Some("0.7")),
        ("--preset pytorch --upsample bilinear", None),
        ("--preset paper --z-dim 20", None),
        ("--preset small", Some("1.5")),
        ("--preset laptop --image-size 32", None),
    ] {
        let place = place_with_page(training);
        let Some(mut browser) = open(&place) else {
            return;
        };
        place.run("sample run --seeds 0-11 --out plain").succeeded();
        for seed in [0, 1, 2, 7, 11] {
            let expected = picture(&place.path(&format!("plain/seed-{seed:06}.png")));
            assert_alike(training, &browser.pixels(&face(seed)), &expected);
        }
        if let Some(limit) = truncation {
            browser.enter("#truncation", limit);
            browser.wait_for_pictures();
            place
                .run(&format!(
                    "sample run --seeds 5 --truncation {limit} --out cut"
                ))
                .succeeded();
            let expected = picture(&place.path("cut/seed-000005.png"));
            assert_alike(training, &browser.pixels(&face(5)), &expected);
        }
        browser.was_quiet();
    }
}

#[test]
fn latent_vectors_of_seeds_are_those_of_the_program_bit_for_bit() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let script = RANDOM.replace("export function", "function");
    for (preset, name) in [(Preset::Tutorial, "normal"), (Preset::Paper, "uniform")] {
        let seeds = (0..600).chain([1 << 32, (1 << 32) + 7, (1 << 53) - 1]);
        let model = ModelConfig::new(preset);
        let all: Vec<u64> = seeds.collect();
        let vectors = browser.text(&format!(
            "(() => {{ {script}; return {all:?}.map((seed) => Array.from(new Uint32Array(vectorOfSeed({{distribution: \
             '{name}', length: 100}}, seed, null).buffer)).join()).join(';') }})()"
        ));
        for (seed, drawn) in all.into_iter().zip(vectors.split(';')) {
            let expected = latent::from_seed(&model, seed);
            let expected: Vec<_> = expected
                .iter()
                .map(|value| value.to_bits().to_string())
                .collect();
            assert_eq!(drawn, expected.join(","), "{name}, seed {seed}");
        }
    }
}

#[test]
fn sliders_move_all_pictures_as_edit_does_and_reset_moves_them_back() {
    let place = Place::with_run();
    let direction = LatentDirection {
        vector: (0..100).map(|at| (at as f32).sin() / 7.0).collect(),
        origin: DirectionOrigin {
            attribute: "Round_glasses</script>".to_owned(),
            model: ModelConfig::new(Preset::Tutorial),
            step: 4,
            data_fingerprint: String::new(),
            held_out_accuracy: 1.0,
            held_out_balanced_accuracy: 1.0,
            samples: 100,
        },
    };
    direction
        .write(&place.path("run/glasses.safetensors"))
        .unwrap();
    direction.write(&place.path("other.safetensors")).unwrap();
    let answer = place.run_with([
        "export",
        "run",
        "--page",
        "faces.html",
        "--direction",
        "other",
        "--direction",
        "glasses",
        "--title",
        "<b>&amp;",
    ]);
    let answer = answer.succeeded();
    assert_names(&answer.stderr, &["found for another generator"]);
    let Some(mut browser) = open(&place) else {
        return;
    };
    assert_eq!(
        browser.text("document.querySelector('h1').textContent"),
        "<b>&amp;"
    );
    let names =
        "[...document.querySelectorAll('.slider .name')].map(name => name.textContent).join('|')";
    let names = browser.text(names);
    assert!(
        names.starts_with(
            "Truncation|Round glasses</script>|Round glasses</script>|Direction 1|Direction 2"
        ),
        "{names}"
    );
    let before = browser.pixels(&face(3));
    browser.enter("input[data-key=n1]", "2.5");
    browser.wait_for_pictures();
    place
        .run("edit run --seeds 3 --direction glasses --strength 2.5 --frames 1 -o edited/")
        .succeeded();
    let edited = place.files("edited").pop_first().unwrap();
    let expected = picture(&place.path(&format!("edited/{edited}")));
    let moved = browser.pixels(&face(3));
    assert_alike("moved", &moved, &expected);
    assert_ne!(moved, before);
    let spoken = "document.querySelector('input[data-key=n1]').getAttribute('aria-valuetext')";
    assert_eq!(browser.text(spoken), "+2.5");

    browser.enter("input[data-key=p2]", "-3");
    browser.wait_for_pictures();
    assert_ne!(browser.pixels(&face(3)), moved);
    browser.click("#reset");
    browser.wait_for_pictures();
    assert_eq!(browser.pixels(&face(3)), before);
    browser.was_quiet();
}

#[test]
fn what_makes_no_page_is_refused_in_one_line() {
    let place = Place::with_run();
    for (options, words) in [
        ("--discriminator --page faces.html", "--discriminator"),
        ("--page faces.html --bits 4", "16 or 8"),
        ("--page faces.txt", ".html"),
        ("--page faces.html --direction smiling", "smiling"),
        ("--bits 8", "--page"),
    ] {
        let line = place.fails(&format!("export run {options}"));
        assert_names(&line, &[words]);
    }
    place.write("faces.html", "my own page");
    assert_names(&place.fails("export run --page faces.html"), &["--force"]);
    place
        .run("export run --page faces.html --force")
        .succeeded();
    place
        .run("export run --page faces.html --bits 8")
        .succeeded(); // dcgan's own is replaced
}

#[test]
fn kept_pictures_are_walked_between_computed_with_and_saved() {
    let place = place_with_page("");
    let Some(mut browser) = open(&place) else {
        return;
    };
    assert_eq!(kept(&mut browser), serde_json::json!(["0", "1", "2"]));
    browser.click("#faces button:nth-child(1)");
    browser.click("#faces button:nth-child(8)");
    assert_eq!(kept(&mut browser), serde_json::json!(["1", "2", "7"]));

    // the way from the second to the third
    browser.enter("#walk input", "1.25");
    browser.wait_for_pictures();
    place
        .run("interpolate run --seeds 2,7 --steps 4 -o way")
        .succeeded();
    let expected = picture(&place.path("way/frame-00001.png"));
    assert_alike("a walk", &browser.pixels("#walk canvas"), &expected);
    browser.click("#walk .play");
    browser.wait("Number(document.querySelector('#walk input').value) > 1.6");
    browser.click("#walk .play");
    browser.wait_for_pictures();
    let value = "document.querySelector('#walk input').value";
    let stopped = browser.value(value);
    assert_ne!(browser.pixels("#walk canvas"), expected);
    std::thread::sleep(std::time::Duration::from_millis(200));
    assert_eq!(browser.value(value), stopped);

    // 1 − 2 + 7, with noise around it in the program's figure
    browser.click("#arithmetic .keep-result");
    assert_eq!(
        kept(&mut browser),
        serde_json::json!(["1", "2", "7", "1 − 2 + 7"])
    );
    browser.wait_for_pictures();
    let sum = browser.pixels("#arithmetic .result canvas");
    assert_eq!(browser.pixels("#kept figure:nth-child(4) canvas"), sum);
    browser.enter("#arithmetic select[aria-label=B]", "0");
    browser.wait_for_pictures();
    place.run("sample run --seeds 7 --out plain").succeeded();
    let seven = picture(&place.path("plain/seed-000007.png"));
    assert_alike(
        "1 − 1 + 7",
        &browser.pixels("#arithmetic .result canvas"),
        &seven,
    );

    browser.click("#kept figure:nth-child(3) button");
    let saved = browser.downloaded("seed-000007.png");
    assert_alike("a saved picture", &picture(&saved), &seven);
    fs::copy(saved, place.path("saved.png")).unwrap();
    let again = place.run("sample run --seeds 7 -o saved.png");
    assert_eq!(
        again.code,
        Some(0),
        "a saved picture has the program's mark: {}",
        again.stderr
    );
    browser.was_quiet();
}

#[test]
fn the_keyboard_alone_keeps_moves_and_saves() {
    let place = place_with_page("");
    let Some(mut browser) = open(&place) else {
        return;
    };
    for key in ["Tab", "Tab", "Tab", "Tab"] {
        browser.press(key);
    }
    for key in [
        "ArrowRight",
        "ArrowDown",
        "ArrowLeft",
        "ArrowDown",
        "ArrowUp",
    ] {
        browser.press(key); // of six columns
    }
    browser.press("Enter");
    assert_eq!(kept(&mut browser), serde_json::json!(["0", "1", "2", "6"]));
    browser.press("s");
    browser.downloaded("seed-000006.png");
    // Reset, truncation, the first direction
    for key in ["Tab", "Tab", "Tab", "ArrowRight", "ArrowRight"] {
        browser.press(key);
    }
    browser.wait("document.activeElement.value === '0.2'");
    browser.wait_for_pictures();
    browser.was_quiet();
}

#[test]
fn a_link_shows_the_same_again_and_a_wrong_one_says_so() {
    let place = place_with_page("");
    let Some(mut browser) = open(&place) else {
        return;
    };
    browser.enter("#first", "40");
    browser.enter("#truncation", "0.8");
    browser.enter("input[data-key=p1]", "-1.5");
    browser.click("#faces button:nth-child(3)");
    browser.wait_for_pictures();
    browser.wait("location.hash.includes('42_t0.8_p1:-1.5')");
    let (address, drawn) = (browser.text("location.href"), browser.pixels(&face(2)));
    browser.go_to("about:blank");
    browser.go_to(&address);
    browser.wait_for_pictures();
    assert_eq!(browser.pixels(&face(2)), drawn);
    assert_eq!(
        kept(&mut browser),
        serde_json::json!(["0", "1", "2", "42, changed"])
    );
    assert_eq!(browser.text("location.href"), address);

    for wrong in [
        "seed=x",
        "keep=1,p",
        "move=p1:9999",
        "truncation=0",
        "keep=3_p99:1",
        "%",
        "=&=&",
    ] {
        browser.go_to("about:blank");
        browser.go_to(&format!(
            "file://{}#{wrong}",
            place.path("faces.html").display()
        ));
        browser
            .wait("document.querySelector('#status').textContent.includes('does not understand')");
        browser.wait_for_pictures();
    }
    browser.was_quiet();
}

#[test]
fn nothing_is_wider_than_a_narrow_screen_and_pictures_have_names() {
    let place = place_with_page("--preset laptop");
    let Some(mut browser) = open(&place) else {
        return;
    };
    for width in [320, 375, 768, 1024, 1600] {
        browser.resize(width, 700);
        browser.wait(&format!("innerWidth === {width}"));
        let wide = browser.value("document.documentElement.scrollWidth");
        assert!(wide.as_u64() <= Some(width.into()), "{wide} on {width}");
    }
    let nameless =
        "[...document.querySelectorAll('canvas')].filter(canvas => !canvas.ariaLabel).length";
    assert_eq!(browser.value(nameless), 0);
    let nameless = "[...document.querySelectorAll('button, input, select')].filter(control => !(control.ariaLabel || \
        control.textContent || control.labels?.length)).length";
    assert_eq!(browser.value(nameless), 0);
    browser.was_quiet();
}

#[test]
fn what_goes_wrong_in_a_browser_is_a_sentence_on_the_page() {
    let place = place_with_page("");
    let page = place.text("faces.html");
    let weights = page.find("id=\"weights\"").unwrap();
    let shorter = [&page[..weights + 2000], "</script></body></html>"].concat();
    let no_kernel = page.replace(
        "id=\"kernel\" type=\"text/plain\">AGFzbQEAAAA",
        "id=\"kernel\" type=\"text/plain\">AGFzbQIAAAA",
    );
    let no_worker = page.replace("worker-src blob:", "worker-src 'none'");
    for (broken, words) in [
        (shorter, "damaged"),
        (no_kernel, "WebAssembly"),
        (no_worker, "does not start"),
    ] {
        assert!(broken != page);
        place.write("broken.html", broken);
        let Some(mut browser) = Browser::open(&place.path("broken.html")) else {
            return;
        };
        browser.wait("!document.querySelector('#problem').hidden");
        assert_names(
            &browser.text("document.querySelector('#problem').textContent"),
            &[words],
        );
    }
}
