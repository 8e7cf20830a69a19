//! Draws one of each figure and plot, to look at them:
//!
//! ```text
//! cargo run --release -p dcgan-render --example gallery
//! ```

use dcgan_render::figure::{ArithmeticFigure, Cell, Group, PictureTable, Strip, draw_strips};
use dcgan_render::plot::health::{self, Panel, Series, SeriesPoint, Span};
use dcgan_render::plot::losses::{self, LossPoint};
use image::{DynamicImage, Rgb, RgbImage};

fn main() -> image::ImageResult<()> {
    let folder = std::env::temp_dir().join("dcgan-gallery");
    std::fs::create_dir_all(&folder)?;
    println!("{}", folder.display());
    let save = |name: &str, image: RgbImage| image.save(folder.join(name));
    save(
        "losses.png",
        losses::render(
            &loss_points(3000),
            None,
            "démo, learning rate 2·10⁻⁴ — “faces”",
        ),
    )?;
    save(
        "losses-few.png",
        losses::render(&loss_points(5), None, &"a long name ".repeat(20)),
    )?;
    save(
        "losses-one.png",
        losses::render(&loss_points(1), None, "one step"),
    )?;
    save("losses-none.png", losses::render(&[], None, "no steps"))?;
    save("health.png", health())?;
    save("health-well.png", health::render("runs/well", &[], &[]))?;
    save("arithmetic.png", arithmetic().draw())?;
    save("strips.png", draw_strips(&strips()))?;
    save("table.png", table().draw())
}

fn loss_points(count: u64) -> Vec<LossPoint> {
    let noise = |step: u64| (step * 2_654_435_761 % (1 << 32)) as f32 / (1_u64 << 32) as f32;
    (1..=count)
        .map(|step| LossPoint {
            step,
            loss_d: match step {
                70..90 => f32::NAN,
                _ => 0.3 + 0.4 * noise(step) + if step % 500 == 0 { 3.0 } else { 0.0 },
            },
            loss_g: 3.0
                + 2.0 * (step as f32 / 400.0).sin()
                + 2.0 * noise(step + 7)
                + if step % 777 == 0 { 9.0 } else { 0.0 },
        })
        .collect()
}

fn health() -> RgbImage {
    let series = |name, smooth, value: fn(&LossPoint) -> f32| Series {
        name,
        points: loss_points(2000)
            .iter()
            .map(|point| SeriesPoint {
                step: point.step,
                value: value(point),
            })
            .collect(),
        smooth,
    };
    let few = |name, height: f32| Series {
        name,
        points: (1..=10)
            .map(|i| SeriesPoint {
                step: i * 200,
                value: height * (1.0 - 0.8f32.powi(i as i32)),
            })
            .collect(),
        smooth: false,
    };
    let panels = [
        Panel {
            title: "loss",
            series: vec![
                series("discriminator", true, |p| p.loss_d),
                series("generator", true, |p| p.loss_g),
            ],
        },
        Panel {
            title: "mean logit of D",
            series: vec![
                series("real", true, |p| p.loss_g),
                series("fake", true, |p| -p.loss_g),
            ],
        },
        Panel {
            title: "variety of the fakes, 1 for that of real pictures",
            series: vec![few("pixels", 1.0), few("D's features", 1.1)],
        },
        Panel {
            title: "distance",
            series: vec![few("all together", 0.0021)],
        },
    ];
    let spans = [
        Span {
            name: "the discriminator wins",
            steps: 1..=300,
        },
        Span {
            name: "collapse of the fakes",
            steps: 1500..=2000,
        },
        Span {
            name: "diverged",
            steps: 900..=900,
        },
    ];
    health::render("runs/demo", &panels, &spans)
}

fn picture(hue: u8) -> DynamicImage {
    RgbImage::from_fn(64, 64, |x, y| Rgb([(x * 4) as u8, (y * 4) as u8, hue])).into()
}

fn arithmetic() -> ArithmeticFigure {
    let group = |name: &str, hue| Group {
        name: name.to_owned(),
        exemplars: vec![picture(hue), picture(hue + 20), picture(hue + 40)],
        captions: vec!["seed 3".into(), "seed 18446744073709551615".into()],
        average: picture(hue + 20),
    };
    ArithmeticFigure {
        columns: 1,
        groups: vec![
            group("smiling woman", 0),
            group("− man without glasses", 100),
            group("+ ÄÖÜ neutral", 200),
        ],
        result: (0..9).map(|place| picture(place * 20)).collect(),
    }
}

fn strips() -> Vec<Strip> {
    let pictures = || (0..6).map(|place| picture(place * 40)).collect();
    vec![
        Strip {
            headings: vec![
                "−2".into(),
                "−1".into(),
                "0".into(),
                "+1".into(),
                "+2".into(),
                "a name that is too long for it".into(),
            ],
            pictures: pictures(),
            captions: vec![],
        },
        Strip {
            headings: vec!["Eyeglasses from −2 to +2 “strength”".into()],
            pictures: pictures(),
            captions: vec![],
        },
        Strip {
            headings: vec![],
            pictures: pictures(),
            captions: vec!["seed 7".into()],
        },
    ]
}

fn table() -> PictureTable {
    let cell = |hue, caption: Option<&str>| Cell {
        picture: picture(hue),
        caption: caption.map(str::to_owned),
    };
    PictureTable {
        headings: vec![
            "drawn".into(),
            "nearest in pixels".into(),
            "nearest in features".into(),
        ],
        rows: vec![
            vec![
                vec![cell(0, None)],
                vec![cell(30, Some("0.71")), cell(60, Some("0.82"))],
                vec![cell(90, Some("000123.jpg"))],
            ],
            vec![
                vec![cell(120, None)],
                vec![cell(150, None)],
                vec![cell(180, None), cell(210, None)],
            ],
        ],
    }
}
