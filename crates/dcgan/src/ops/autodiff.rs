//! The backward passes, by hand. A gradient that nobody asks for is not
//! computed: with frozen weights only the input's is.

use std::sync::Arc;

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::flex::FlexTensor;
use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Flex};
use dcgan_kernels::adam::Adam;

use super::extension::KernelOps;
use super::{Activation, GradientSlot, SharedBatch, cpu};

#[derive(Debug)]
struct Conv2d;

/// Input, weight; stride, padding and parts.
type ConvState = (FlexTensor, FlexTensor, [usize; 3]);

impl Backward<Flex, 2> for Conv2d {
    type State = ConvState;

    fn backward(self, ops: Ops<ConvState, 2>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let gradient = gradients.consume::<Flex>(&ops.node);
        let [x_node, weight_node] = ops.parents;
        let (x, weight, options) = ops.state;
        let sizes = cpu::sizes(&x);
        if let Some(node) = weight_node {
            let of_weight = cpu::conv2d_weight_gradient(x, &weight, gradient.clone(), options);
            gradients.register::<Flex>(node.id, of_weight);
        }
        if let Some(node) = x_node {
            let of_x = cpu::conv2d_input_gradient(sizes, weight, gradient, options);
            gradients.register::<Flex>(node.id, of_x);
        }
    }
}

#[derive(Debug)]
struct Conv2dBias;

impl Backward<Flex, 3> for Conv2dBias {
    type State = ConvState;

    fn backward(self, ops: Ops<ConvState, 3>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let gradient = gradients.consume::<Flex>(&ops.node);
        let [x_node, weight_node, bias_node] = ops.parents;
        let (x, weight, options) = ops.state;
        let sizes = cpu::sizes(&x);
        if let Some(node) = bias_node {
            let of_bias = cpu::conv2d_bias_gradient(sizes, &weight, gradient.clone(), options);
            gradients.register::<Flex>(node.id, of_bias);
        }
        if let Some(node) = weight_node {
            let of_weight = cpu::conv2d_weight_gradient(x, &weight, gradient.clone(), options);
            gradients.register::<Flex>(node.id, of_weight);
        }
        if let Some(node) = x_node {
            let of_x = cpu::conv2d_input_gradient(sizes, weight, gradient, options);
            gradients.register::<Flex>(node.id, of_x);
        }
    }
}

#[derive(Debug)]
struct ConvTranspose2d;

/// Input, weight; stride, padding, output padding and parts.
type ConvTransposeState = (FlexTensor, FlexTensor, [usize; 4]);

impl Backward<Flex, 2> for ConvTranspose2d {
    type State = ConvTransposeState;

    fn backward(self, ops: Ops<Self::State, 2>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let gradient = gradients.consume::<Flex>(&ops.node);
        let [x_node, weight_node] = ops.parents;
        let (x, weight, options) = ops.state;
        let sizes = cpu::sizes(&x);
        if let Some(node) = weight_node {
            let of_weight =
                cpu::conv_transpose2d_weight_gradient(x, &weight, gradient.clone(), options);
            gradients.register::<Flex>(node.id, of_weight);
        }
        if let Some(node) = x_node {
            let of_x = cpu::conv_transpose2d_input_gradient(sizes, weight, gradient, options);
            gradients.register::<Flex>(node.id, of_x);
        }
    }
}

#[derive(Debug)]
struct BatchNormTrain;

/// Input; scale, shift, mean and variance; activation; the part of a batch that it is, if the
/// statistics are those of a larger one.
type BatchNormState = (
    FlexTensor,
    [FlexTensor; 4],
    Activation,
    Option<Arc<dyn SharedBatch>>,
);

impl Backward<Flex, 3> for BatchNormTrain {
    type State = BatchNormState;

    fn backward(
        self,
        ops: Ops<BatchNormState, 3>,
        gradients: &mut Gradients,
        _: &mut Checkpointer,
    ) {
        let gradient = gradients.consume::<Flex>(&ops.node);
        let (x, layer, activation, batch) = ops.state;
        let computed = cpu::batch_norm_backward(x, layer, activation, gradient, batch.as_deref());
        for (node, gradient) in ops.parents.into_iter().zip(computed) {
            if let Some(node) = node {
                gradients.register::<Flex>(node.id, gradient);
            }
        }
    }
}

#[derive(Debug)]
struct ActivationAlone;

impl Backward<Flex, 1> for ActivationAlone {
    /// Output and activation.
    type State = (FlexTensor, Activation);

    fn backward(self, ops: Ops<Self::State, 1>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let gradient = gradients.consume::<Flex>(&ops.node);
        let (output, activation) = ops.state;
        let [node] = ops.parents;
        if let Some(node) = node {
            let of_x = cpu::activation_backward(output, activation, gradient);
            gradients.register::<Flex>(node.id, of_x);
        }
    }
}

#[derive(Debug)]
struct DivertGradient;

impl Backward<Flex, 2> for DivertGradient {
    type State = GradientSlot;

    fn backward(self, ops: Ops<GradientSlot, 2>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let gradient = gradients.consume::<Flex>(&ops.node);
        ops.state.add_gradient(cpu::dense(gradient));
    }
}

impl<C: CheckpointStrategy> KernelOps for Autodiff<Flex, C> {
    fn kernel_conv2d(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        stride: usize,
        padding: usize,
        parts: usize,
    ) -> FloatTensor<Self> {
        let options = [stride, padding, parts];
        let state = (x.primitive().clone(), weight.primitive().clone(), options);
        let output = cpu::conv2d_forward(
            x.primitive().clone(),
            weight.primitive().clone(),
            None,
            options,
        );
        let prepared = Conv2d.prepare::<C>([x.node(), weight.node()]);
        match prepared.compute_bound().stateful() {
            OpsKind::Tracked(prepared) => prepared.finish(state, output),
            OpsKind::UnTracked(prepared) => prepared.finish(output),
        }
    }

    fn kernel_conv2d_bias(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        stride: usize,
        padding: usize,
        parts: usize,
    ) -> FloatTensor<Self> {
        let options = [stride, padding, parts];
        let state = (x.primitive().clone(), weight.primitive().clone(), options);
        let (bias_node, bias) = (bias.node(), bias.into_primitive());
        let output = cpu::conv2d_forward(
            x.primitive().clone(),
            weight.primitive().clone(),
            Some(bias),
            options,
        );
        let prepared = Conv2dBias.prepare::<C>([x.node(), weight.node(), bias_node]);
        match prepared.compute_bound().stateful() {
            OpsKind::Tracked(prepared) => prepared.finish(state, output),
            OpsKind::UnTracked(prepared) => prepared.finish(output),
        }
    }

    fn kernel_conv_transpose2d(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        stride: usize,
        padding: usize,
        output_padding: usize,
        parts: usize,
    ) -> FloatTensor<Self> {
        let options = [stride, padding, output_padding, parts];
        let state = (x.primitive().clone(), weight.primitive().clone(), options);
        let output = cpu::conv_transpose2d_forward(
            x.primitive().clone(),
            weight.primitive().clone(),
            options,
        );
        let prepared = ConvTranspose2d.prepare::<C>([x.node(), weight.node()]);
        match prepared.compute_bound().stateful() {
            OpsKind::Tracked(prepared) => prepared.finish(state, output),
            OpsKind::UnTracked(prepared) => prepared.finish(output),
        }
    }

    fn kernel_batch_norm_train(
        x: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        activation: Activation,
        batch: Option<Arc<dyn SharedBatch>>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let nodes = [x.node(), gamma.node(), beta.node()];
        let [x, gamma, beta] = [x, gamma, beta].map(|tensor| tensor.into_primitive());
        let (output, mean, variance) = cpu::batch_norm_train(
            x.clone(),
            [gamma.clone(), beta.clone()],
            activation,
            batch.as_deref(),
        );
        let layer = [gamma, beta, mean.clone(), variance.clone()];
        let output = match BatchNormTrain
            .prepare::<C>(nodes)
            .compute_bound()
            .stateful()
        {
            OpsKind::Tracked(prepared) => prepared.finish((x, layer, activation, batch), output),
            OpsKind::UnTracked(prepared) => prepared.finish(output),
        };
        (
            output,
            FloatTensor::<Self>::new(mean),
            FloatTensor::<Self>::new(variance),
        )
    }

    fn kernel_batch_norm_inference(
        x: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        mean: FloatTensor<Self>,
        variance: FloatTensor<Self>,
        activation: Activation,
    ) -> FloatTensor<Self> {
        let layer = [gamma, beta, mean, variance].map(|tensor| tensor.into_primitive());
        FloatTensor::<Self>::new(cpu::batch_norm_inference(
            x.into_primitive(),
            layer,
            activation,
        ))
    }

    fn kernel_activation(x: FloatTensor<Self>, activation: Activation) -> FloatTensor<Self> {
        let node = x.node();
        let output = cpu::activation_forward(x.into_primitive(), activation);
        match ActivationAlone
            .prepare::<C>([node])
            .compute_bound()
            .stateful()
        {
            OpsKind::Tracked(prepared) => prepared.finish((output.clone(), activation), output),
            OpsKind::UnTracked(prepared) => prepared.finish(output),
        }
    }

    fn kernel_divert_gradient(
        parameter: FloatTensor<Self>,
        x: FloatTensor<Self>,
        shape: Vec<usize>,
        slot: GradientSlot,
    ) -> FloatTensor<Self> {
        let nodes = [parameter.node(), x.node()];
        let output = Flex::float_reshape(parameter.into_primitive(), shape.into());
        match DivertGradient
            .prepare::<C>(nodes)
            .compute_bound()
            .stateful()
        {
            OpsKind::Tracked(prepared) => {
                slot.expect_gradient();
                prepared.finish(slot, output)
            }
            OpsKind::UnTracked(prepared) => prepared.finish(output),
        }
    }

    fn kernel_adam(
        parameter: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        first: FloatTensor<Self>,
        second: FloatTensor<Self>,
        adam: Adam,
        t: u64,
    ) -> (
        FloatTensor<Self>,
        FloatTensor<Self>,
        FloatTensor<Self>,
        FloatTensor<Self>,
    ) {
        let tensors = [parameter, gradient, first, second].map(|tensor| tensor.into_primitive());
        let (parameter, first, second, squares) = cpu::adam_step(tensors, adam, t);
        let untracked = FloatTensor::<Self>::new;
        (
            untracked(parameter),
            untracked(first),
            untracked(second),
            untracked(squares),
        )
    }
}
