//! The metrics of a run as a table.

use std::fs;

use crate::support::{Place, assert_names};

#[test]
fn the_table_has_what_the_lines_have() {
    let place = Place::with_faces();
    place
        .train("faces --out run --steps 4 --report-every 2 --evaluate-every 2")
        .succeeded();
    for _ in 0..2 {
        let answer = place.run("info run --csv").succeeded(); // replaces its own file
        assert_names(&answer.stdout, &["4 steps", "run/metrics.csv"]);
    }
    place.run("info run --csv elsewhere.csv").succeeded();
    place.assert_same("run/metrics.csv", "elsewhere.csv");

    let table = fs::read_to_string(place.path("elsewhere.csv")).unwrap();
    let rows: Vec<Vec<&str>> = table
        .lines()
        .map(|line| line.split(',').collect())
        .collect();
    let column = |name: &str| {
        let index = rows[0].iter().position(|column| *column == name);
        let index = index.unwrap_or_else(|| panic!("no column {name}"));
        rows[1..]
            .iter()
            .map(move |row| row[index])
            .collect::<Vec<_>>()
    };
    assert_eq!(column("step"), ["1", "2", "3", "4"]);
    let lines = fs::read_to_string(place.path("run/metrics.jsonl")).unwrap();
    for (number, line) in lines.lines().enumerate() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let measured = [
            ("loss_d", &line["loss_d"]),
            ("gradient_g", &line["gradient_g"]),
            ("diversity", &line["health"]["diversity"]),
            ("swd", &line["evaluation"]["swd"]),
        ];
        for (name, value) in measured {
            let cell = column(name)[number];
            match value.as_f64() {
                Some(value) => assert_eq!(cell.parse::<f32>().unwrap(), value as f32, "{name}"),
                None => assert_eq!(cell, "", "{name}"),
            }
        }
    }
    place.write("mine.csv", "a,b\n1,2\n");
    assert_names(
        &place.fails("info run --csv mine.csv"),
        &["exists", "--force"],
    );
    assert_names(
        &place.fails("info run/generator.safetensors --csv table.csv"),
        &["run"],
    );
}
