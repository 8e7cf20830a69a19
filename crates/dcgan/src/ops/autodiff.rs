//! The operations with gradients recorded, and their backward passes, written by hand. A gradient
//! that is not needed is not computed: with frozen weights only that of the input is.

use std::sync::Arc;

use burn::backend::TensorMetadata;
use burn::backend::autodiff::NodeId;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, NodeGuard, Ops, OpsKind};
use burn::backend::flex::FlexTensor;
use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Flex};
use dcgan_kernels::adam::Adam;

use super::extension::KernelOps;
use super::{
    Activation, Augmentation, Conv2dOptions, ConvTranspose2dOptions, GradientSlot, ScaleShift,
    SharedBatch, Statistics, UpsamplingFilter, cpu,
};

/// The output of an operation, with what its backward pass needs if one will follow.
fn record<C, O, const N: usize>(
    operation: O,
    inputs: [NodeGuard; N],
    state: O::State,
    output: FlexTensor,
) -> FloatTensor<Autodiff<Flex, C>>
where
    C: CheckpointStrategy,
    O: Backward<Flex, N>,
{
    let prepared = operation.prepare::<C>(inputs).compute_bound().stateful();
    match prepared {
        OpsKind::Tracked(prepared) => prepared.finish(state, output),
        OpsKind::UnTracked(prepared) => prepared.finish(output),
    }
}

/// Registers the gradient of an input, if it is needed.
fn register(
    gradients: &mut Gradients,
    input: Option<NodeId>,
    gradient: impl FnOnce() -> FlexTensor,
) {
    if let Some(id) = input {
        gradients.register::<Flex>(id, gradient());
    }
}

/// What the backward pass of a convolution needs.
#[derive(Debug, Clone)]
struct ConvState<O> {
    x: FlexTensor,
    weight: FlexTensor,
    options: O,
}

#[derive(Debug)]
struct Conv2d;

impl Conv2d {
    fn register_gradients(
        state: ConvState<Conv2dOptions>,
        gradient: FlexTensor,
        gradients: &mut Gradients,
        [x, weight, bias]: [Option<NodeId>; 3],
    ) {
        let options = state.options;
        let sizes = cpu::sizes(&state.x);
        register(gradients, bias, || {
            cpu::conv2d_bias_gradient(sizes, &state.weight, gradient.clone(), options)
        });
        register(gradients, weight, || {
            cpu::conv2d_weight_gradient(state.x, &state.weight, gradient.clone(), options)
        });
        register(gradients, x, || {
            cpu::conv2d_input_gradient(sizes, state.weight, gradient, options)
        });
    }
}

/// Without a bias.
impl Backward<Flex, 2> for Conv2d {
    type State = ConvState<Conv2dOptions>;

    fn backward(self, ops: Ops<Self::State, 2>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let gradient = gradients.consume::<Flex>(&ops.node);
        let [x, weight] = ops.parents.map(|node| node.map(|node| node.id));
        Self::register_gradients(ops.state, gradient, gradients, [x, weight, None]);
    }
}

/// With a bias.
impl Backward<Flex, 3> for Conv2d {
    type State = ConvState<Conv2dOptions>;

    fn backward(self, ops: Ops<Self::State, 3>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let gradient = gradients.consume::<Flex>(&ops.node);
        let inputs = ops.parents.map(|node| node.map(|node| node.id));
        Self::register_gradients(ops.state, gradient, gradients, inputs);
    }
}

#[derive(Debug)]
struct ConvTranspose2d;

impl Backward<Flex, 2> for ConvTranspose2d {
    type State = ConvState<ConvTranspose2dOptions>;

    fn backward(self, ops: Ops<Self::State, 2>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let gradient = gradients.consume::<Flex>(&ops.node);
        let [x_id, weight_id] = ops.parents.map(|node| node.map(|node| node.id));
        let ConvState { x, weight, options } = ops.state;
        let sizes = cpu::sizes(&x);
        register(gradients, weight_id, || {
            cpu::conv_transpose2d_weight_gradient(x, &weight, gradient.clone(), options)
        });
        register(gradients, x_id, || {
            cpu::conv_transpose2d_input_gradient(sizes, weight, gradient, options)
        });
    }
}

#[derive(Debug)]
struct BatchNormTrain;

/// What the backward pass of batch norm needs.
#[derive(Debug, Clone)]
struct BatchNormState {
    x: FlexTensor,
    parameters: ScaleShift<FlexTensor>,
    statistics: Statistics<FlexTensor>,
    activation: Activation,
    batch: Option<Arc<dyn SharedBatch>>,
}

impl Backward<Flex, 3> for BatchNormTrain {
    type State = BatchNormState;

    fn backward(self, ops: Ops<Self::State, 3>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let gradient = gradients.consume::<Flex>(&ops.node);
        let state = ops.state;
        let computed = cpu::batch_norm_backward(
            state.x,
            state.parameters,
            state.statistics,
            state.activation,
            gradient,
            state.batch.as_deref(),
        );
        for (node, gradient) in ops.parents.into_iter().zip(computed) {
            register(gradients, node.map(|node| node.id), || gradient);
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
        register(gradients, node.map(|node| node.id), || {
            cpu::activation_backward(output, activation, gradient)
        });
    }
}

#[derive(Debug)]
struct DivertGradient;

impl Backward<Flex, 2> for DivertGradient {
    type State = GradientSlot;

    fn backward(self, ops: Ops<Self::State, 2>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let gradient = gradients.consume::<Flex>(&ops.node);
        ops.state.add_gradient(cpu::dense(gradient));
    }
}

#[derive(Debug)]
struct Upsampling;

impl Backward<Flex, 1> for Upsampling {
    /// The filter and `[C_out, C_in]`.
    type State = (UpsamplingFilter, [usize; 2]);

    fn backward(self, ops: Ops<Self::State, 1>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let gradient = gradients.consume::<Flex>(&ops.node);
        let (filter, channels) = ops.state;
        let [node] = ops.parents;
        register(gradients, node.map(|node| node.id), || {
            cpu::upsampling_weight_gradient(gradient, filter, channels)
        });
    }
}

#[derive(Debug)]
struct DivideByNorm;

/// What the backward pass of a division by the spectral norm needs.
#[derive(Debug, Clone)]
struct NormState {
    weight: FlexTensor,
    u: FlexTensor,
    v: FlexTensor,
    norm: f32,
}

impl Backward<Flex, 1> for DivideByNorm {
    type State = NormState;

    fn backward(self, ops: Ops<Self::State, 1>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let gradient = gradients.consume::<Flex>(&ops.node);
        let NormState { weight, u, v, norm } = ops.state;
        let [node] = ops.parents;
        register(gradients, node.map(|node| node.id), || {
            cpu::divide_by_norm_gradient(weight, &u, &v, norm, gradient)
        });
    }
}

#[derive(Debug)]
struct Augment;

impl Backward<Flex, 1> for Augment {
    type State = Arc<[Augmentation]>;

    fn backward(self, ops: Ops<Self::State, 1>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let gradient = gradients.consume::<Flex>(&ops.node);
        let [node] = ops.parents;
        register(gradients, node.map(|node| node.id), || {
            cpu::augment_gradient(gradient, &ops.state)
        });
    }
}

/// The gradient of a sum with something constant.
#[derive(Debug)]
struct AddConstant;

impl Backward<Flex, 1> for AddConstant {
    type State = ();

    fn backward(self, ops: Ops<Self::State, 1>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let gradient = gradients.consume::<Flex>(&ops.node);
        let [node] = ops.parents;
        register(gradients, node.map(|node| node.id), || gradient);
    }
}

impl<C: CheckpointStrategy> KernelOps for Autodiff<Flex, C> {
    fn kernel_conv2d(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        options: Conv2dOptions,
    ) -> FloatTensor<Self> {
        let nodes = [x.node(), weight.node()];
        let (x, weight) = (x.into_primitive(), weight.into_primitive());
        let output = cpu::conv2d_forward(x.clone(), weight.clone(), None, options);
        let state = ConvState { x, weight, options };
        record::<C, _, 2>(Conv2d, nodes, state, output)
    }

    fn kernel_conv2d_bias(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        options: Conv2dOptions,
    ) -> FloatTensor<Self> {
        let nodes = [x.node(), weight.node(), bias.node()];
        let [x, weight, bias] = [x, weight, bias].map(|tensor| tensor.into_primitive());
        let output = cpu::conv2d_forward(x.clone(), weight.clone(), Some(bias), options);
        let state = ConvState { x, weight, options };
        record::<C, _, 3>(Conv2d, nodes, state, output)
    }

    fn kernel_conv_transpose2d(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        options: ConvTranspose2dOptions,
    ) -> FloatTensor<Self> {
        let nodes = [x.node(), weight.node()];
        let (x, weight) = (x.into_primitive(), weight.into_primitive());
        let output = cpu::conv_transpose2d_forward(x.clone(), weight.clone(), options);
        let state = ConvState { x, weight, options };
        record::<C, _, 2>(ConvTranspose2d, nodes, state, output)
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
        let parameters = ScaleShift { gamma, beta };
        let (output, statistics) =
            cpu::batch_norm_train(x.clone(), parameters.clone(), activation, batch.as_deref());
        let Statistics { mean, variance } = statistics.clone().map(FloatTensor::<Self>::new);
        let state = BatchNormState {
            x,
            parameters,
            statistics,
            activation,
            batch,
        };
        let output = record::<C, _, 3>(BatchNormTrain, nodes, state, output);
        (output, mean, variance)
    }

    fn kernel_batch_norm_inference(
        x: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        mean: FloatTensor<Self>,
        variance: FloatTensor<Self>,
        activation: Activation,
    ) -> FloatTensor<Self> {
        let [x, gamma, beta] = [x, gamma, beta].map(|tensor| tensor.into_primitive());
        let [mean, variance] = [mean, variance].map(|tensor| tensor.into_primitive());
        let parameters = ScaleShift { gamma, beta };
        let output =
            cpu::batch_norm_inference(x, parameters, Statistics { mean, variance }, activation);
        FloatTensor::<Self>::new(output)
    }

    fn kernel_activation(x: FloatTensor<Self>, activation: Activation) -> FloatTensor<Self> {
        let node = x.node();
        let output = cpu::activation_forward(x.into_primitive(), activation);
        record::<C, _, 1>(
            ActivationAlone,
            [node],
            (output.clone(), activation),
            output,
        )
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
        let (parameter, first, second, squares) = cpu::adam_step(
            parameter.into_primitive(),
            gradient.into_primitive(),
            [first, second].map(|moment| moment.into_primitive()),
            adam,
            t,
        );
        let untracked = FloatTensor::<Self>::new;
        (
            untracked(parameter),
            untracked(first),
            untracked(second),
            untracked(squares),
        )
    }

    fn kernel_moving_average(
        average: FloatTensor<Self>,
        values: FloatTensor<Self>,
        decay: f64,
    ) -> FloatTensor<Self> {
        let (average, values) = (average.into_primitive(), values.into_primitive());
        FloatTensor::<Self>::new(cpu::moving_average(average, values, decay))
    }

    fn kernel_upsampling(weight: FloatTensor<Self>, filter: UpsamplingFilter) -> FloatTensor<Self> {
        let node = weight.node();
        let weight = weight.into_primitive();
        let [c_out, c_in, ..] = weight.shape().dims::<4>();
        let output = cpu::upsampling_kernel(weight, filter);
        record::<C, _, 1>(Upsampling, [node], (filter, [c_out, c_in]), output)
    }

    fn kernel_power_iteration(
        weight: FloatTensor<Self>,
        u: FloatTensor<Self>,
        v: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let [weight, u, v] = [weight, u, v].map(|tensor| tensor.into_primitive());
        let (u, v) = cpu::power_iteration(weight, u, v);
        (FloatTensor::<Self>::new(u), FloatTensor::<Self>::new(v))
    }

    fn kernel_divide_by_norm(
        weight: FloatTensor<Self>,
        u: FloatTensor<Self>,
        v: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        let node = weight.node();
        let weight = weight.into_primitive();
        let [u, v] = [u, v].map(|vector| cpu::dense(vector.into_primitive()));
        let (output, norm) = cpu::divide_by_norm(&weight, &u, &v);
        let state = NormState { weight, u, v, norm };
        record::<C, _, 1>(DivideByNorm, [node], state, output)
    }

    fn kernel_add_noise(
        x: FloatTensor<Self>,
        noise: FloatTensor<Self>,
        scale: f64,
    ) -> FloatTensor<Self> {
        let node = x.node();
        let output = cpu::add_noise(x.into_primitive(), noise.into_primitive(), scale);
        record::<C, _, 1>(AddConstant, [node], (), output)
    }

    fn kernel_augment(
        pictures: FloatTensor<Self>,
        augmentations: Arc<[Augmentation]>,
    ) -> FloatTensor<Self> {
        let node = pictures.node();
        let output = cpu::augment(pictures.into_primitive(), &augmentations);
        record::<C, _, 1>(Augment, [node], augmentations, output)
    }
}
