//! Builds the graph of a model node by node.

use dcgan::model::{FoldedLayer, FoldedOperation};
use dcgan::ops::{Activation, LEAKY_SLOPE};

use super::messages::{
    Attribute, AttributeKind, Dimension, ElementType, Graph, Node, Shape, Tensor, TensorType, Type,
    ValueInfo,
};

/// The name of the free batch size.
const BATCH: &str = "batch";

/// A graph that is a chain: each node takes the output of the one before.
pub struct Chain {
    graph: Graph,
    /// The newest output.
    last: String,
}

impl Chain {
    /// A chain from an input `[batch, …]` of floats.
    pub fn new(name: &str, input: &str, sizes: &[usize], doc: &str) -> Self {
        let input_info = value_info(input, ElementType::Float, sizes, doc);
        Self {
            graph: Graph {
                name: name.to_owned(),
                input: vec![input_info],
                ..Graph::default()
            },
            last: input.to_owned(),
        }
    }

    /// The graph, whose output `[batch, …]` has this name.
    pub fn finish(mut self, name: &str, element: ElementType, sizes: &[usize], doc: &str) -> Graph {
        let last = self.graph.node.last_mut().expect("a network has layers");
        last.output = vec![name.to_owned()];
        self.graph.output = vec![value_info(name, element, sizes, doc)];
        self.graph
    }

    /// A layer and its activation. The names begin with `layerN`.
    pub fn layer(&mut self, index: usize, layer: FoldedLayer) {
        let name = |part: &str| format!("layer{index}.{part}");
        let sides = |value: usize, count: usize| Attribute {
            kind: AttributeKind::Ints.into(),
            ints: vec![value as i64; count],
            ..Attribute::default()
        };
        let mut attributes = vec![
            named("kernel_shape", sides(layer.kernel(), 2)),
            named("strides", sides(layer.stride, 2)),
            named("pads", sides(layer.padding, 4)),
        ];
        let operation = match layer.operation {
            FoldedOperation::Conv2d => "Conv",
            FoldedOperation::ConvTranspose2d => {
                attributes.push(named("output_padding", sides(layer.output_padding, 2)));
                "ConvTranspose"
            }
        };
        let weight = self.floats(name("weight"), &layer.weight_shape, &layer.weight);
        if layer.has_bias_of_channels() {
            let bias = self.floats(name("bias"), &[layer.bias.len()], &layer.bias);
            self.push(operation, name("convolution"), [weight, bias], attributes);
        } else {
            let side = layer.kernel();
            let shape = [1, layer.c_out(), side, side];
            let bias = self.floats(name("bias"), &shape, &layer.bias);
            self.push(operation, name("convolution"), [weight], attributes);
            self.push("Add", name("shift"), [bias], []);
        }
        let activation = name("activation");
        match layer.activation {
            Activation::Relu => self.push("Relu", activation, [], []),
            Activation::Tanh => self.push("Tanh", activation, [], []),
            Activation::LeakyRelu => {
                let alpha = Attribute {
                    kind: AttributeKind::Float.into(),
                    float: Some(LEAKY_SLOPE as f32),
                    ..Attribute::default()
                };
                self.push("LeakyRelu", activation, [], [named("alpha", alpha)]);
            }
            Activation::None => {}
        }
    }

    /// A node without attributes, whose other inputs are constants.
    pub fn node(&mut self, operation: &str, constants: impl IntoIterator<Item = String>) {
        let name = operation.to_lowercase();
        self.push(operation, name, constants, []);
    }

    /// Converts to another type.
    pub fn cast(&mut self, to: ElementType) {
        let to = Attribute {
            kind: AttributeKind::Int.into(),
            int: Some(i64::from(i32::from(to))),
            ..Attribute::default()
        };
        self.push("Cast", "cast".to_owned(), [], [named("to", to)]);
    }

    /// A constant of floats; returns its name.
    pub fn floats(&mut self, name: String, shape: &[usize], values: &[f32]) -> String {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes());
        self.constant(name, ElementType::Float, shape, bytes.collect())
    }

    /// A constant of integers; returns its name.
    pub fn integers(&mut self, name: &str, values: &[i64]) -> String {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes());
        let shape = [values.len()];
        self.constant(name.to_owned(), ElementType::Int64, &shape, bytes.collect())
    }

    fn constant(
        &mut self,
        name: String,
        element: ElementType,
        shape: &[usize],
        raw_data: Vec<u8>,
    ) -> String {
        self.graph.initializer.push(Tensor {
            dims: shape.iter().map(|&size| size as i64).collect(),
            data_type: element.into(),
            name: name.clone(),
            raw_data,
        });
        name
    }

    fn push(
        &mut self,
        operation: &str,
        name: String,
        constants: impl IntoIterator<Item = String>,
        attribute: impl IntoIterator<Item = Attribute>,
    ) {
        let output = format!("{name}.output");
        let before = std::mem::replace(&mut self.last, output.clone());
        self.graph.node.push(Node {
            input: [before].into_iter().chain(constants).collect(),
            output: vec![output],
            name,
            op_type: operation.to_owned(),
            attribute: attribute.into_iter().collect(),
        });
    }
}

fn named(name: &str, attribute: Attribute) -> Attribute {
    Attribute {
        name: name.to_owned(),
        ..attribute
    }
}

/// `[batch, sizes…]`
fn value_info(name: &str, element: ElementType, sizes: &[usize], doc: &str) -> ValueInfo {
    let batch = Dimension {
        value: None,
        name: Some(BATCH.to_owned()),
    };
    let others = sizes.iter().map(|&size| Dimension {
        value: Some(size as i64),
        name: None,
    });
    let shape = Shape {
        dimension: [batch].into_iter().chain(others).collect(),
    };
    ValueInfo {
        name: name.to_owned(),
        kind: Some(Type {
            tensor: Some(TensorType {
                element: element.into(),
                shape: Some(shape),
            }),
        }),
        doc_string: doc.to_owned(),
    }
}
