//! The optimum is LIBLINEAR's.

use super::*;

const FEATURES: usize = 7;
const CLASSES: usize = 3;
const COUNT: usize = 90;

/// Three overlapping classes: the values and labels of `tools/make_svm_fixtures.py`.
fn overlapping_classes() -> (Vec<f32>, Vec<usize>) {
    let mut state = 12345_u64;
    let mut draw = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1 << 24) as f32 * 2.0 - 1.0
    };
    let labels: Vec<usize> = (0..COUNT).map(|index| index % CLASSES).collect();
    let mut values = Vec::new();
    for label in &labels {
        for feature in 0..FEATURES {
            let offset = if feature % CLASSES == *label {
                0.5
            } else {
                0.0
            };
            values.push(draw() + offset);
        }
    }
    (values, labels)
}

/// Until nothing moves any more.
fn exact() -> StoppingRule {
    StoppingRule {
        tolerance: 1e-5,
        max_passes: 100_000,
    }
}

#[test]
fn the_larger_feature_decides_the_class() {
    let values = vec![3.0, 1.0, 0.0, 2.0, 5.0, 4.0, 1.0, 2.5];
    let examples = Examples::new(values, 2);
    let mut training = Training::new(&examples, &[0, 1, 2, 3], &[1, 0, 1, 0], 2);
    let svm = training.fit(10.0, StoppingRule::default());
    assert_eq!(svm.classify(&[4.0, 1.0]), 1);
    assert_eq!(svm.classify(&[1.0, 4.0]), 0);
}

#[test]
fn the_optimum_is_that_of_liblinear() {
    struct Expected {
        cost: f64,
        objectives: [f64; CLASSES],
        /// Of the first example.
        scores: [f32; CLASSES],
    }
    // scikit-learn 1.9.1, LinearSVC (LIBLINEAR's solver 1) with a tolerance of 1e-10
    let expected = [
        Expected {
            cost: 0.25,
            objectives: [9.948_802, 11.660_566, 12.753_466],
            scores: [0.52724, -1.55249, -0.20591],
        },
        Expected {
            cost: 4.0,
            objectives: [134.761_75, 160.814_033, 189.547_266],
            scores: [0.88387, -2.30896, -0.19603],
        },
        Expected {
            cost: 64.0,
            objectives: [2_119.943_791, 2_532.276_098, 3_015.425_064],
            scores: [0.94374, -2.43137, -0.19555],
        },
    ];
    let (values, labels) = overlapping_classes();
    let first = values[..FEATURES].to_vec();
    let examples = Examples::new(values, FEATURES);
    let all: Vec<usize> = (0..COUNT).collect();
    let mut training = Training::new(&examples, &all, &labels, CLASSES);
    for expected in expected {
        let cost = expected.cost;
        let svm = training.fit(cost, exact());
        for (found, expected) in training.objectives(cost).iter().zip(expected.objectives) {
            let error = (found - expected).abs() / expected;
            assert!(error < 1e-5, "C = {cost}: {found}, not {expected}");
        }
        for (found, expected) in svm.scores(&first).iter().zip(expected.scores) {
            let error = (found - expected).abs();
            assert!(error < 2e-3, "C = {cost}: {found}, not {expected}");
        }
        assert_eq!(training.count_correct(&all, &labels), 70);
    }
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let (values, labels) = overlapping_classes();
    let all: Vec<usize> = (0..COUNT).collect();
    let fit = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.unwrap().install(|| {
            let examples = Examples::new(values.clone(), FEATURES);
            Training::new(&examples, &all, &labels, CLASSES).fit(4.0, StoppingRule::default())
        })
    };
    let one = fit(1);
    assert_eq!(fit(2), one);
    assert_eq!(fit(3), one);
}

#[test]
fn constant_features_get_no_weight() {
    let values = vec![1.0, 7.0, -1.0, 7.0, 2.0, 7.0, -3.0, 7.0];
    let examples = Examples::new(values, 2);
    let svm = Training::new(&examples, &[0, 1, 2, 3], &[1, 0, 1, 0], 2).fit(1.0, exact());
    assert_eq!(svm.classify(&[2.5, 7.0]), 1);
    assert_eq!(svm.scores(&[2.5, 7.0]), svm.scores(&[2.5, -1e9]));
}
