//! The convolutions of Inception v3 with their names in PyTorch, their sizes, and how they are wired.

use super::map::{Axis, Map, average_pool, joined, max_pool};

/// A convolution: name, input and output channels, kernel height and width, stride, padding of both.
pub(super) struct Layer {
    pub name: String,
    pub inputs: usize,
    pub outputs: usize,
    pub vertical: Axis,
    pub horizontal: Axis,
}

/// Runs the convolution of this name.
pub(super) type Run<'a> = dyn FnMut(&str, &Map) -> Map + 'a;

/// Features before the classifier.
pub const FEATURES: usize = 2048;

/// Classes of the network of 2015.
pub const CLASSES: usize = 1008;

/// All convolutions in PyTorch's order.
pub(super) fn layers() -> Vec<Layer> {
    let mut layers = Vec::new();
    let mut add = |name: &str, inputs, outputs, kernel: [usize; 2], stride, padding: [usize; 2]| {
        let [vertical, horizontal] = [0, 1].map(|axis| Axis {
            kernel: kernel[axis],
            stride,
            padding: padding[axis],
        });
        layers.push(Layer {
            name: name.to_owned(),
            inputs,
            outputs,
            vertical,
            horizontal,
        });
    };
    add("Conv2d_1a_3x3", 3, 32, [3, 3], 2, [0, 0]);
    add("Conv2d_2a_3x3", 32, 32, [3, 3], 1, [0, 0]);
    add("Conv2d_2b_3x3", 32, 64, [3, 3], 1, [1, 1]);
    add("Conv2d_3b_1x1", 64, 80, [1, 1], 1, [0, 0]);
    add("Conv2d_4a_3x3", 80, 192, [3, 3], 1, [0, 0]);
    for (block, inputs, pooled) in [("5b", 192, 32), ("5c", 256, 64), ("5d", 288, 64)] {
        let name = |branch: &str| format!("Mixed_{block}.{branch}");
        add(&name("branch1x1"), inputs, 64, [1, 1], 1, [0, 0]);
        add(&name("branch5x5_1"), inputs, 48, [1, 1], 1, [0, 0]);
        add(&name("branch5x5_2"), 48, 64, [5, 5], 1, [2, 2]);
        add(&name("branch3x3dbl_1"), inputs, 64, [1, 1], 1, [0, 0]);
        add(&name("branch3x3dbl_2"), 64, 96, [3, 3], 1, [1, 1]);
        add(&name("branch3x3dbl_3"), 96, 96, [3, 3], 1, [1, 1]);
        add(&name("branch_pool"), inputs, pooled, [1, 1], 1, [0, 0]);
    }
    add("Mixed_6a.branch3x3", 288, 384, [3, 3], 2, [0, 0]);
    add("Mixed_6a.branch3x3dbl_1", 288, 64, [1, 1], 1, [0, 0]);
    add("Mixed_6a.branch3x3dbl_2", 64, 96, [3, 3], 1, [1, 1]);
    add("Mixed_6a.branch3x3dbl_3", 96, 96, [3, 3], 2, [0, 0]);
    for (block, inner) in [("6b", 128), ("6c", 160), ("6d", 160), ("6e", 192)] {
        let name = |branch: &str| format!("Mixed_{block}.{branch}");
        let (wide, tall) = (([1, 7], [0, 3]), ([7, 1], [3, 0]));
        add(&name("branch1x1"), 768, 192, [1, 1], 1, [0, 0]);
        add(&name("branch7x7_1"), 768, inner, [1, 1], 1, [0, 0]);
        add(&name("branch7x7_2"), inner, inner, wide.0, 1, wide.1);
        add(&name("branch7x7_3"), inner, 192, tall.0, 1, tall.1);
        add(&name("branch7x7dbl_1"), 768, inner, [1, 1], 1, [0, 0]);
        add(&name("branch7x7dbl_2"), inner, inner, tall.0, 1, tall.1);
        add(&name("branch7x7dbl_3"), inner, inner, wide.0, 1, wide.1);
        add(&name("branch7x7dbl_4"), inner, inner, tall.0, 1, tall.1);
        add(&name("branch7x7dbl_5"), inner, 192, wide.0, 1, wide.1);
        add(&name("branch_pool"), 768, 192, [1, 1], 1, [0, 0]);
    }
    add("Mixed_7a.branch3x3_1", 768, 192, [1, 1], 1, [0, 0]);
    add("Mixed_7a.branch3x3_2", 192, 320, [3, 3], 2, [0, 0]);
    add("Mixed_7a.branch7x7x3_1", 768, 192, [1, 1], 1, [0, 0]);
    add("Mixed_7a.branch7x7x3_2", 192, 192, [1, 7], 1, [0, 3]);
    add("Mixed_7a.branch7x7x3_3", 192, 192, [7, 1], 1, [3, 0]);
    add("Mixed_7a.branch7x7x3_4", 192, 192, [3, 3], 2, [0, 0]);
    for (block, inputs) in [("7b", 1280), ("7c", 2048)] {
        let name = |branch: &str| format!("Mixed_{block}.{branch}");
        add(&name("branch1x1"), inputs, 320, [1, 1], 1, [0, 0]);
        add(&name("branch3x3_1"), inputs, 384, [1, 1], 1, [0, 0]);
        add(&name("branch3x3_2a"), 384, 384, [1, 3], 1, [0, 1]);
        add(&name("branch3x3_2b"), 384, 384, [3, 1], 1, [1, 0]);
        add(&name("branch3x3dbl_1"), inputs, 448, [1, 1], 1, [0, 0]);
        add(&name("branch3x3dbl_2"), 448, 384, [3, 3], 1, [1, 1]);
        add(&name("branch3x3dbl_3a"), 384, 384, [1, 3], 1, [0, 1]);
        add(&name("branch3x3dbl_3b"), 384, 384, [3, 1], 1, [1, 0]);
        add(&name("branch_pool"), inputs, 192, [1, 1], 1, [0, 0]);
    }
    layers
}

/// A picture's maps before the last pool: `[8, 8, 2048]` of 299 by 299 pixels.
pub(super) fn forward(picture: &Map, run: &mut Run<'_>) -> Map {
    let mut map = chain(
        picture,
        &["Conv2d_1a_3x3", "Conv2d_2a_3x3", "Conv2d_2b_3x3"],
        run,
    );
    map = max_pool(&map, 2, 0);
    map = chain(&map, &["Conv2d_3b_1x1", "Conv2d_4a_3x3"], run);
    map = max_pool(&map, 2, 0);
    for block in ["5b", "5c", "5d"] {
        map = branches(
            &map,
            block,
            &[
                &["branch1x1"],
                &["branch5x5_1", "branch5x5_2"],
                &["branch3x3dbl_1", "branch3x3dbl_2", "branch3x3dbl_3"],
            ],
            run,
        );
    }
    map = reduced(
        &map,
        "6a",
        &[
            &["branch3x3"],
            &["branch3x3dbl_1", "branch3x3dbl_2", "branch3x3dbl_3"],
        ],
        run,
    );
    for block in ["6b", "6c", "6d", "6e"] {
        map = branches(
            &map,
            block,
            &[
                &["branch1x1"],
                &["branch7x7_1", "branch7x7_2", "branch7x7_3"],
                &[
                    "branch7x7dbl_1",
                    "branch7x7dbl_2",
                    "branch7x7dbl_3",
                    "branch7x7dbl_4",
                    "branch7x7dbl_5",
                ],
            ],
            run,
        );
    }
    map = reduced(
        &map,
        "7a",
        &[
            &["branch3x3_1", "branch3x3_2"],
            &[
                "branch7x7x3_1",
                "branch7x7x3_2",
                "branch7x7x3_3",
                "branch7x7x3_4",
            ],
        ],
        run,
    );
    map = forked(&map, "7b", average_pool, run);
    // the network of 2015 takes the maximum here, unlike any other Inception
    forked(&map, "7c", |map| max_pool(map, 1, 1), run)
}

/// One convolution after the other.
fn chain(map: &Map, names: &[&str], run: &mut Run<'_>) -> Map {
    let first = run(names[0], map);
    names[1..].iter().fold(first, |map, name| run(name, &map))
}

/// The branches of a block, as chains of convolutions.
fn chains(map: &Map, block: &str, chains: &[&[&str]], run: &mut Run<'_>) -> Vec<Map> {
    let named = |&name: &&str| format!("Mixed_{block}.{name}");
    let mut outputs = Vec::with_capacity(chains.len() + 1);
    for names in chains {
        let names: Vec<String> = names.iter().map(named).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        outputs.push(chain(map, &names, run));
    }
    outputs
}

/// A block whose last branch is an average and a convolution.
fn branches(map: &Map, block: &str, names: &[&[&str]], run: &mut Run<'_>) -> Map {
    let mut outputs = chains(map, block, names, run);
    outputs.push(run(
        &format!("Mixed_{block}.branch_pool"),
        &average_pool(map),
    ));
    joined(&outputs)
}

/// A block that halves the maps; its last branch is a maximum.
fn reduced(map: &Map, block: &str, names: &[&[&str]], run: &mut Run<'_>) -> Map {
    let mut outputs = chains(map, block, names, run);
    outputs.push(max_pool(map, 2, 0));
    joined(&outputs)
}

/// A block whose middle branches end in two convolutions side by side.
fn forked(map: &Map, block: &str, pool: impl Fn(&Map) -> Map, run: &mut Run<'_>) -> Map {
    let name = |name: &str| format!("Mixed_{block}.{name}");
    let mut outputs = vec![run(&name("branch1x1"), map)];
    let middle = run(&name("branch3x3_1"), map);
    outputs.push(run(&name("branch3x3_2a"), &middle));
    outputs.push(run(&name("branch3x3_2b"), &middle));
    let middle = chain(
        map,
        &[&name("branch3x3dbl_1"), &name("branch3x3dbl_2")],
        run,
    );
    outputs.push(run(&name("branch3x3dbl_3a"), &middle));
    outputs.push(run(&name("branch3x3dbl_3b"), &middle));
    outputs.push(run(&name("branch_pool"), &pool(map)));
    joined(&outputs)
}
