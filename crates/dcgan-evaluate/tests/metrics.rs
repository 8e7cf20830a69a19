//! Figures as pytorch-fid and torch-fidelity compute them; see `tools/make_metric_fixtures.py`.

use dcgan_evaluate::{
    EvaluationError, FEWEST_FOR_FID, Features, Pictures, Side, Statistics, discrepancy, fid,
    frechet_distance, inception_score, inception_score_in, kid, memorisation, reach,
    sliced_wasserstein,
};

/// The rule of the fixtures.
fn features(count: usize, width: usize, seed: u32, scale: f64, offset: f64) -> Features {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state >> 8) / f64::from(1 << 24)
    };
    let plain: Vec<f64> = (0..count * width).map(|_| next()).collect();
    let rows = plain.chunks(width).flat_map(|row| {
        let before = |at: usize| row[(at + width - 1) % width];
        (0..width).map(move |at| (scale * (row[at] + 0.5 * before(at)) + offset) as f32)
    });
    Features::new(rows.collect(), width).unwrap()
}

fn real() -> Features {
    features(300, 24, 1, 1.0, 0.0)
}

fn fake() -> Features {
    features(260, 24, 2, 0.7, 0.4)
}

fn statistics(features: &Features) -> Statistics {
    Statistics::of(features).unwrap()
}

#[track_caller]
fn assert_is(name: &str, found: f64) {
    let text = include_str!("fixtures/metrics.json");
    let line = text
        .lines()
        .find(|line| line.contains(&format!("\"{name}\"")));
    let value = line.unwrap().split(": ").nth(1).unwrap();
    let expected: f64 = value.trim_end_matches(',').parse().unwrap();
    let error = (found - expected).abs() / expected.abs();
    assert!(error < 1e-6, "{name}: {found}, not {expected}");
}

#[test]
fn the_frechet_distance_is_pytorch_fids() {
    let distance = frechet_distance(&statistics(&real()), &statistics(&fake())).unwrap();
    assert_is("frechet", distance);
}

#[test]
fn a_kernel_distance_is_torch_fidelitys() {
    let first = |features: Features| -> Vec<f64> {
        let values = features.values()[..200 * 24].iter();
        values.map(|&value| f64::from(value)).collect()
    };
    assert_is("kernel", discrepancy(&first(real()), &first(fake()), 24));
}

#[test]
fn the_inception_score_is_torch_fidelitys() {
    let logits = features(205, 30, 3, 6.0, 0.0);
    let order: Vec<usize> = (0..205).collect();
    let score = inception_score_in(&logits, &order).unwrap();
    assert_is("score", score.mean);
    assert_is("score_deviation", score.deviation);
    let shuffled = inception_score(&logits, 0).unwrap();
    assert!((shuffled.mean - score.mean).abs() < 0.2);
}

#[test]
fn precision_recall_density_and_coverage_are_their_authors() {
    let reach = reach(&real(), &fake()).unwrap();
    assert_is("precision", reach.precision);
    assert_is("recall", reach.recall);
    assert_is("density", reach.density);
    assert_is("coverage", reach.coverage);
}

#[test]
fn a_set_is_like_itself() {
    let real = real();
    let distance = frechet_distance(&statistics(&real), &statistics(&real)).unwrap();
    assert!(distance.abs() < 1e-6, "{distance}");
    let kernel = kid(&real, &real, 0).unwrap();
    assert!(kernel.mean.abs() < 1e-2, "{kernel:?}");
    let reach = reach(&real, &real).unwrap();
    assert_eq!(
        (reach.precision, reach.recall, reach.coverage),
        (1.0, 1.0, 1.0)
    );
    let copies = memorisation(&real, &real, None).unwrap();
    assert_eq!((copies.ratio(), copies.near_copies), (Some(0.0), 1.0));
}

#[test]
fn the_kernel_distance_depends_on_its_seed_alone() {
    let big = features(1200, 8, 5, 1.0, 0.0);
    let other = features(1100, 8, 6, 0.9, 0.1);
    let once = kid(&big, &other, 3).unwrap();
    assert_eq!(once, kid(&big, &other, 3).unwrap());
    let another = kid(&big, &other, 4).unwrap();
    assert_ne!(once, another);
    assert!(once.deviation > 0.0);
    assert!((once.mean - another.mean).abs() < once.deviation);
}

#[test]
fn a_singular_covariance_has_a_distance() {
    // fewer pictures than features, and all pictures the same
    let few = features(10, 24, 7, 1.0, 0.0);
    let same = Features::new([0.25; 24].repeat(12), 24).unwrap();
    for (one, other) in [
        (&few, &real()),
        (&same, &real()),
        (&same, &few),
        (&same, &same),
    ] {
        let there = frechet_distance(&statistics(one), &statistics(other)).unwrap();
        let back = frechet_distance(&statistics(other), &statistics(one)).unwrap();
        assert!(
            (there - back).abs() < 1e-6 * there.max(1.0),
            "{there} {back}"
        );
        assert!(there > -1e-9);
    }
    assert!(kid(&same, &few, 0).unwrap().mean.is_finite());
    let reach = reach(&same, &few).unwrap();
    assert_eq!((reach.precision, reach.coverage), (0.0, 0.0));
    assert_eq!(memorisation(&same, &few, None).unwrap().ratio(), None);
}

#[test]
fn sets_of_unequal_size_are_compared() {
    let small = features(40, 24, 9, 1.0, 0.0);
    assert!(kid(&real(), &small, 0).unwrap().mean.abs() < 0.1);
    assert!(reach(&real(), &small).unwrap().precision > 0.5);
}

#[test]
fn too_few_pictures_are_refused_with_their_number() {
    let one = features(1, 24, 1, 1.0, 0.0);
    let too_few = |error| match error {
        EvaluationError::TooFew {
            side,
            count,
            needed,
            ..
        } => (side, count, needed),
        other => panic!("{other}"),
    };
    assert!(Statistics::of(&one).is_err());
    let refused = |error: Result<_, EvaluationError>| too_few(error.map(|_: f64| ()).unwrap_err());
    assert_eq!(
        refused(fid(&statistics(&real()), &statistics(&fake()))),
        (Side::Real, 300, FEWEST_FOR_FID)
    );
    assert_eq!(
        too_few(kid(&real(), &one, 0).unwrap_err()),
        (Side::Generated, 1, 2)
    );
    assert_eq!(
        too_few(reach(&one, &real()).unwrap_err()),
        (Side::Real, 1, 6)
    );
    assert!(inception_score(&one, 0).is_err());
    assert!(memorisation(&one, &real(), None).is_err());
    assert!(memorisation(&real(), &one, None).is_ok());
}

#[test]
fn features_that_cannot_be_compared_are_refused() {
    let nan = Features::new(vec![1.0, 2.0, f32::NAN, 4.0], 2);
    assert!(matches!(nan, Err(EvaluationError::NotFinite { row: 1 })));
    assert!(Features::new(vec![1.0; 3], 2).is_err());
    let narrow = features(300, 23, 1, 1.0, 0.0);
    let message = reach(&real(), &narrow).unwrap_err().to_string();
    assert!(
        message.contains("24") && message.contains("23"),
        "{message}"
    );
    assert!(frechet_distance(&statistics(&real()), &statistics(&narrow)).is_err());
    assert!(kid(&narrow, &real(), 0).is_err());
}

#[test]
fn pictures_that_cannot_be_compared_are_refused() {
    let grey = Pictures::new(vec![128; 32 * 32 * 3], 32, 1).unwrap();
    let colour = Pictures::new(vec![128; 32 * 32 * 3], 32, 3).unwrap();
    let small = Pictures::new(vec![128; 8 * 8], 8, 1).unwrap();
    assert_eq!((grey.len(), colour.len()), (3, 1));
    assert!(sliced_wasserstein(&grey, &colour, 0).is_err());
    assert!(sliced_wasserstein(&small, &small, 0).is_err());
    let none = Pictures::new(Vec::new(), 32, 1).unwrap();
    assert!(sliced_wasserstein(&grey, &none, 0).is_err());
    // flat pictures have no texture to differ in
    let levels = sliced_wasserstein(&grey, &grey, 0).unwrap();
    let sides: Vec<_> = levels.iter().map(|level| level.side).collect();
    assert_eq!(sides, [32, 16]);
    assert!(levels.iter().all(|level| level.distance == 0.0));
}

#[test]
fn statistics_are_read_back_and_bad_files_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("stats.npz");
    let statistics = statistics(&real());
    statistics.write(&path).unwrap();
    let read = Statistics::read(&path).unwrap();
    assert_eq!(
        (read.mean(), read.covariance()),
        (statistics.mean(), statistics.covariance())
    );
    assert_eq!(read.count(), None);
    // an unknown number of pictures is not too few
    assert!(fid(&read, &read).unwrap().abs() < 1e-6);

    let bytes = std::fs::read(&path).unwrap();
    for cut in [0, 10, 400, bytes.len() - 30] {
        std::fs::write(&path, &bytes[..cut]).unwrap();
        assert!(Statistics::read(&path).is_err(), "{cut} bytes");
    }
    let mut renamed = bytes;
    for at in 0..renamed.len() - 5 {
        if renamed[at..].starts_with(b"sigma") {
            renamed[at] = b'S';
        }
    }
    std::fs::write(&path, renamed).unwrap();
    let message = Statistics::read(&path).unwrap_err().to_string();
    assert!(message.contains("it has no sigma"), "{message}");
}

#[test]
fn statistics_of_numpy_are_read() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/statistics.npz");
    let theirs = Statistics::read(path.as_ref()).unwrap();
    let ours = statistics(&real());
    for (one, other) in theirs.covariance().iter().zip(ours.covariance()) {
        assert!((one - other).abs() < 1e-12);
    }
}
