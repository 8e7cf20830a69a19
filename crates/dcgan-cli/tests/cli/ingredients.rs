//! The options of `dcgan train` that change the networks and regularise the discriminator.

use std::fs;

use crate::support::{Place, assert_names};

/// Each option by itself, and some together.
const OPTIONS: [&str; 16] = [
    "--upsample nearest",
    "--upsample bilinear",
    "--d-norm none",
    "--spectral-norm",
    "--gradient-penalty 10",
    "--gradient-penalty 10 --loss relativistic",
    "--label-smoothing 0.1",
    "--augment light",
    "--augment full",
    "--augment full --channels grey",
    "--augment auto",
    "--lecam 0.3 --loss hinge",
    "--instance-noise 0.2",
    "--d-steps 2",
    "--learning-rate-decay 0.5",
    "--upsample nearest --d-norm none --spectral-norm --gradient-penalty 1 --augment full \
     --instance-noise 0.1 --d-steps 3 --loss relativistic --ema=50 --learning-rate-decay 1",
];

#[test]
fn each_option_trains_other_networks_and_resumes_bit_for_bit() {
    let place = Place::with_faces();
    place
        .train("faces --out plain --steps 4 --report-every 2")
        .succeeded();
    for (number, options) in OPTIONS.into_iter().enumerate() {
        let train = format!("faces {options} --steps 4 --report-every 2");
        place
            .train(&format!("{train} --out whole{number}"))
            .succeeded();
        let parts = format!("{train} --out parts{number}");
        place
            .train(&parts.replace("--steps 4", "--steps 2"))
            .succeeded();
        let resumed = place.run(&format!(
            "train --resume parts{number} --steps 4 --threads 1"
        ));
        resumed.succeeded();
        let file = |run: &str| format!("{run}{number}/generator.safetensors");
        // these depend on the length of the training, which differs here
        if !options.contains("decay") && !options.contains("noise") {
            for network in ["generator", "discriminator"] {
                let [whole, parts] =
                    ["whole", "parts"].map(|run| format!("{run}{number}/{network}.safetensors"));
                place.assert_same(&whole, &parts);
            }
        }
        // `auto` begins without augmentation
        if !options.contains("auto") {
            assert!(
                place.bytes("plain/generator.safetensors") != place.bytes(&file("whole")),
                "{options} changes nothing"
            );
        }
        let grid = format!("sample whole{number} -n 4 --grid grid{number}.png");
        place.run(&grid).succeeded();
        place.run(&format!("doctor whole{number}")).succeeded();
    }
    // with a state of their own: spectral norms; the average; and random numbers
    let everything = OPTIONS.len() - 1;
    let features = format!("evaluate whole{everything} --data faces -n 8");
    place.run(&features).succeeded();
}

#[test]
fn an_interrupted_run_with_every_option_resumes_bit_for_bit() {
    let place = Place::with_faces();
    let options = OPTIONS[OPTIONS.len() - 1];
    let train = format!("faces {options} --steps 6 --report-every 3 --checkpoint-every 1");
    place.train(&format!("{train} --out whole")).succeeded();
    // the newest checkpoints are removed, as if the run had been killed
    place
        .train(&format!("{train} --keep 9 --out parts"))
        .succeeded();
    for step in 4..=6 {
        let checkpoint = format!("parts/checkpoints/step-{step:06}.safetensors");
        fs::remove_file(place.path(&checkpoint)).unwrap();
    }
    place
        .run("train --resume parts --keep 3 --threads 1")
        .succeeded();
    for file in ["generator.safetensors", "discriminator.safetensors"] {
        place.assert_same(&format!("whole/{file}"), &format!("parts/{file}"));
    }
}

#[test]
fn values_out_of_range_and_options_that_exclude_each_other_are_refused_with_the_reason() {
    let place = Place::with_faces();
    for (options, words) in [
        (
            "--upsample cubic",
            ["cubic", "transposed, nearest, bilinear"],
        ),
        ("--d-norm layer", ["layer", "batch, none"]),
        ("--augment strong", ["strong", "none, light, full, auto"]),
        (
            "--gradient-penalty -1",
            ["gradient penalty is -1", "above 0"],
        ),
        (
            "--gradient-penalty NaN",
            ["gradient penalty is NaN", "above 0"],
        ),
        (
            "--label-smoothing 0.7",
            ["label smoothing is 0.7", "at most 0.5"],
        ),
        (
            "--label-smoothing 0.1 --loss hinge",
            ["label smoothing is for the loss bce", "hinge"],
        ),
        ("--lecam -1", ["LeCam's weight is -1", "above 0"]),
        (
            "--lecam 1 --loss relativistic",
            ["LeCam is for the losses bce and hinge", "relativistic"],
        ),
        (
            "--d-steps 0",
            ["updates of D in a step is 0", "between 1 and 100"],
        ),
        ("--instance-noise 2", ["instance noise is 2", "at most 1"]),
        (
            "--preset tutorial --d-bias",
            ["preset tutorial has a bias in every layer", "omit --d-bias"],
        ),
        (
            "--learning-rate-decay 1.5",
            ["learning rate decay is 1.5", "at most 1"],
        ),
    ] {
        let line = place.fails(&format!("train faces --out run {options}"));
        assert_names(&line, &words);
    }
}

#[test]
fn what_a_run_keeps_cannot_be_edited() {
    let place = Place::with_run();
    let text = place.text("run/config.toml");
    for (edit, change) in [
        ("augment = \"full\"", "training.augment unset → full"),
        (
            "gradient_penalty = 1.0",
            "training.gradient_penalty unset → 1.0",
        ),
    ] {
        let edited = text.replace("seed = 0", &format!("seed = 0\n{edit}"));
        place.write("run/config.toml", &edited);
        let line = place.fails("train --resume run --steps 6");
        assert_names(&line, &[change, "undo the change"]);
    }
    let edited = text.replace("z_dim =", "d_norm = \"none\"\nz_dim =");
    place.write("run/config.toml", &edited);
    let line = place.fails("train --resume run --steps 6");
    assert_names(&line, &["model.d_norm unset → none"]);
}

#[test]
fn a_bias_of_the_discriminators_first_layer_is_kept_in_a_run_and_can_be_omitted() {
    let place = Place::with_faces();
    let sizes = "--steps 2 --ngf 2 --ndf 2 --batch-size 8 --threads 1";
    for (options, has_bias) in [
        ("", true), // preset laptop
        ("--no-d-bias", false),
        ("--preset pytorch", false),
        ("--preset paper --d-bias", true),
    ] {
        place
            .run(&format!("train faces --out run {options} {sizes} --force"))
            .succeeded();
        assert_eq!(
            place.text("run/config.toml").contains("d_bias = true"),
            has_bias
        );
        place.run("train --resume run --steps 4").succeeded();
        place
            .run("train --config run --out again --force")
            .succeeded();
        assert_eq!(
            place.text("again/config.toml").contains("d_bias = true"),
            has_bias
        );
        for command in [
            "visualize run -o maps.png --force",
            "export run --onnx d.onnx --discriminator --force",
            "export run --torch d.pt --discriminator --force",
            "import d.pt -o d.safetensors --force",
        ] {
            place.run(command).succeeded();
        }
        for folder in ["run", "again"] {
            fs::remove_dir_all(place.path(folder)).unwrap();
        }
    }
    // a run of an earlier version, whose config.toml does not know the bias
    place
        .run(&format!("train faces --out run --no-d-bias {sizes}"))
        .succeeded();
    let text = place.text("run/config.toml");
    place.write("run/config.toml", text.replace("schema = 9", "schema = 8"));
    place.run("train --resume run --steps 4").succeeded();
    place.write(
        "run/config.toml",
        text.replace("z_dim =", "d_bias = true\nz_dim ="),
    );
    let line = place.fails("train --resume run --steps 6");
    assert_names(&line, &["model.d_bias unset → true"]);
}

#[test]
fn preset_laptop_chooses_by_the_number_of_pictures_and_says_why() {
    let place = Place::with_faces();
    let train = "train faces --preset laptop --steps 2 --ngf 2 --ndf 2 --threads 1";
    let answer = place.run(&format!("{train} --out chosen")).succeeded();
    assert_names(
        &answer.stderr,
        &["note: chosen for 16 pictures: --augment auto (", "by heart"],
    );
    assert_names(
        &place.text("chosen/config.toml"),
        &[
            "augment = \"auto\"",
            "ema = 10000",
            "learning_rate = 0.0006",
        ],
    );
    let answer = place
        .run(&format!("{train} --out asked --augment none --no-ema"))
        .succeeded();
    assert!(!answer.stderr.contains("augment"), "{}", answer.stderr);
    let config = place.text("asked/config.toml");
    assert!(!config.contains("augment") && !config.contains("\nema"));
    // what is done already is not suggested
    let told = place.run("doctor chosen").succeeded().stdout;
    assert!(!told.contains("--augment"), "{told}");
    let told = place.run("doctor asked").succeeded().stdout;
    assert_names(&told, &["so few pictures", "--augment full"]);
}

#[test]
fn small_pictures_are_trained_at_their_own_size_unless_an_option_says_otherwise() {
    let place = Place::new();
    place
        .run("demo-data icons -n 40 --image-size 28")
        .succeeded();
    let train = "train icons --steps 2 --ngf 2 --ndf 2 --batch-size 8 --threads 1";
    let answer = place.run(&format!("{train} --out chosen")).succeeded();
    assert_names(
        &answer.stderr,
        &["--image-size 32 (they are small; 64 would only enlarge them)"],
    );
    assert_names(&place.text("chosen/config.toml"), &["image_size = 32"]);
    place.run("train --resume chosen --steps 4").succeeded();
    place.run("sample chosen -o one.png").succeeded();

    let hint = "--image-size 32 keeps their detail";
    for options in ["--image-size 64", "--preset pytorch"] {
        let answer = place
            .run(&format!("{train} --out asked {options} --force --dry-run"))
            .succeeded();
        assert_names(&answer.stdout, &["image_size = 64"]);
        assert_names(&answer.stderr, &[hint]);
    }
    // a tenth of large ones among them is too many
    place.run("demo-data photos -n 5").succeeded();
    fs::remove_file(place.path("icons/list_attr_celeba.txt")).unwrap(); // lists the small ones alone
    for number in 1..=5 {
        let photo = place.path(&format!("photos/00000{number}.png"));
        fs::copy(photo, place.path(&format!("icons/1{number}.png"))).unwrap();
    }
    let answer = place
        .run(&format!("{train} --out mixed --dry-run"))
        .succeeded();
    assert_names(&answer.stdout, &["image_size = 64"]);
    assert!(!answer.stderr.contains("--image-size"), "{}", answer.stderr);
}
