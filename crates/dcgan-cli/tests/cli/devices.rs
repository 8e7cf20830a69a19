//! Devices: their names, their list, and errors.

use serde_json::Value;

use crate::support::{Place, assert_names};

/// What `dcgan devices --json` prints.
pub fn listing(place: &Place) -> Value {
    let answer = place.run("devices --json").succeeded();
    serde_json::from_str(&answer.stdout).expect("JSON")
}

#[test]
fn the_list_has_the_cpu_and_every_kind_of_device() {
    let place = Place::new();
    let listing = listing(&place);
    let devices = listing["devices"].as_array().unwrap();
    let cpu = devices.last().unwrap();
    assert_eq!(cpu["name"], "cpu");
    assert_eq!(cpu["hardware"], "cpu");
    let has_bf16 = cpu["precisions"] == serde_json::json!(["f32", "bf16"]);
    assert!(has_bf16 || cpu["precisions"] == serde_json::json!(["f32"]));
    let text = place.run("devices").succeeded().stdout;
    assert_names(&text, &["cpu", "cuda", "rocm", "metal", "vulkan"]);
    let version = place.run("--version").succeeded().stdout;
    let extension = match (has_bf16, version.contains("amx-bf16")) {
        (true, true) => "with AMX-BF16",
        (true, false) => "with AVX512-BF16",
        (false, _) => "no AVX512-BF16",
    };
    assert_names(&text, &[extension]);
    for lacking in listing["lacking"].as_array().unwrap() {
        assert_names(&text, &[lacking["build"].as_str().unwrap()]);
    }
}

#[test]
fn a_device_that_this_build_lacks_is_refused_with_the_command_that_adds_it() {
    let place = Place::new();
    for lacking in listing(&place)["lacking"].as_array().unwrap() {
        let kind = lacking["kind"].as_str().unwrap();
        for name in [kind.to_owned(), format!("{kind}:1")] {
            let line = place.fails(&format!("train demo --out run --device {name}"));
            assert_names(
                &line,
                &[kind, "--features", lacking["build"].as_str().unwrap()],
            );
        }
    }
}

#[test]
fn every_command_that_runs_networks_accepts_a_device_and_refuses_an_unknown_one() {
    let place = Place::with_run();
    let commands = "train,sample,interpolate,arithmetic,direction,edit,forget,neighbours,project,\
        visualize,features,classify,bench train,bench sample";
    for command in commands.split(',') {
        let help = place.run(&format!("{command} --help")).succeeded().stdout;
        assert_names(&help, &["--device <DEVICE>"]);
    }
    for command in [
        "train faces --out other",
        "sample run --grid grid.png",
        "bench train",
    ] {
        for device in ["gpu", "cpu:0", "cuda:x"] {
            let line = place.fails(&format!("{command} --device {device}"));
            assert_names(&line, &[device, "vulkan", "auto"]);
        }
    }
}

#[test]
fn auto_chooses_the_cpu_if_there_is_no_gpu() {
    let place = Place::with_faces();
    // no GPU driver
    let mut command = place.command(
        "train faces --out run --steps 1 --device auto --ngf 4 --ndf 4 --batch-size 8 --threads 1"
            .split(' '),
    );
    for variable in ["VK_ICD_FILENAMES", "VK_DRIVER_FILES"] {
        command.env(variable, "/nowhere.json");
    }
    let output = command.env("CUDA_VISIBLE_DEVICES", "").output().unwrap();
    assert!(output.status.success());
    assert!(place.path("run/generator.safetensors").is_file());
}

#[test]
fn the_cpu_refuses_narrow_precisions_and_says_which_devices_have_them() {
    let place = Place::with_faces();
    let line = place.fails("train faces --out run --precision f16");
    assert_names(&line, &["f16", "f32", "--device"]);
    if !crate::bf16::is_in_this_processor(&place) {
        for command in ["train faces --out run", "bench train"] {
            let line = place.fails(&format!("{command} --precision bf16"));
            assert_names(&line, &["AVX512-BF16", "bf16", "f32", "--device"]);
        }
    }
    let line = place.fails("train faces --out run --precision f8");
    assert_names(&line, &["f8", "bf16"]);
}

#[test]
fn a_trace_shows_the_host_activity_of_each_step() {
    let place = Place::with_faces();
    place
        .train("faces --out run --steps 4 --report-every 2 --trace trace.json")
        .succeeded();
    let events: Vec<Value> = serde_json::from_slice(&place.bytes("trace.json")).unwrap();
    let count = |name: &str| events.iter().filter(|event| event["name"] == name).count();
    for name in [
        "wait for pictures",
        "upload pictures",
        "noise",
        "step",
        "D backward",
        "D Adam",
        "G backward",
        "G Adam",
        "read back",
    ] {
        assert_eq!(count(name), 4, "{name}");
    }
    assert_eq!(count("G forward"), 8); // for each update
    assert_eq!(count("D forward"), 12); // real pictures, fakes, and fakes for G's update
    for name in ["draw fakes", "write files", "checkpoint"] {
        assert_eq!(count(name), 2, "{name}");
    }
    assert!(count("make a batch") >= 4);
}
