//! A block: one layer with weights, then batch norm or not, then an activation.

use burn::tensor::{Device, FloatDType, Tensor};
use dcgan_kernels::Window;

use super::init::Initializer;
use super::{BatchNorm, ModelError, Parameter, Pass, SpectralNorm};
use crate::config::Precision;
use crate::device;
use crate::ops::{
    self, Activation, Arithmetic, Conv2dOptions, ConvTranspose2dOptions, UpsamplingFilter,
};

/// A layer's operation on its input and its weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LayerKind {
    /// `Conv2d`, weight `[C_out, C_in, K, K]`.
    Conv2d { stride: usize, padding: usize },
    /// `ConvTranspose2d`, weight `[C_in, C_out, K, K]`.
    ConvTranspose2d {
        stride: usize,
        padding: usize,
        output_padding: usize,
    },
    /// Upsampling by 2 and a 3×3 `Conv2d`: weight `[C_out, C_in, 3, 3]`.
    Upsample(UpsamplingFilter),
    /// `Linear` from `z` to a 4×4 map: weight `[C·4·4, z_dim]`.
    Project,
    /// `Linear` from a flattened 4×4 map to one logit: weight `[1, C·4·4]`.
    Flatten,
}

/// A layer with weights.
#[derive(Debug, Clone)]
struct Layer {
    kind: LayerKind,
    weight: Parameter,
    bias: Option<Parameter>,
    spectral_norm: Option<SpectralNorm>,
    /// The precision that it computes in; inputs and outputs are always `f32`.
    precision: Precision,
}

impl Layer {
    fn forward(&self, x: Tensor<4>, pass: &Pass) -> Tensor<4> {
        let x = self.narrowed(x);
        let is_narrow = self.narrow_type(&x).is_some();
        let y = self.compute(x, pass);
        if is_narrow {
            y.cast(FloatDType::F32)
        } else {
            y
        }
    }

    /// The type of tensors that it computes with, if it is not `f32`. Our kernels always take `f32`,
    /// and round the factors of products themselves.
    fn narrow_type<const D: usize>(&self, tensor: &Tensor<D>) -> Option<FloatDType> {
        match self.precision {
            _ if ops::has_kernels(tensor) => None,
            Precision::F32 => None,
            Precision::F16 => Some(FloatDType::F16),
            Precision::Bf16 => Some(FloatDType::BF16),
        }
    }

    fn narrowed<const D: usize>(&self, tensor: Tensor<D>) -> Tensor<D> {
        match self.narrow_type(&tensor) {
            None => tensor,
            Some(narrow) => tensor.cast(narrow),
        }
    }

    /// What our kernels compute its products in.
    ///
    /// # Panics
    /// On a CPU that cannot, which [`check_precision`](crate::device::check_precision) refuses.
    fn arithmetic(&self, x: &Tensor<4>) -> Arithmetic {
        if self.precision == Precision::Bf16 && ops::has_kernels(x) {
            Arithmetic::Bf16(device::bf16_on_cpu().expect("a CPU with products in bf16"))
        } else {
            Arithmetic::F32
        }
    }

    /// The weight as the kernel of a convolution of `x`. A linear layer on a vector is a convolution
    /// of one pixel; on a flattened map it is a convolution that covers the map.
    fn kernel(&self, x: &Tensor<4>, pass: &Pass) -> Tensor<4> {
        let [_, channels, height, width] = x.dims();
        let shape = match (self.kind, self.weight.shape()) {
            (LayerKind::Project, shape) => [shape[0], shape[1], 1, 1],
            (LayerKind::Flatten, _) => [1, channels, height, width],
            (_, shape) => [shape[0], shape[1], shape[2], shape[3]],
        };
        let weight = self.weight.for_layer(x, shape, pass);
        let weight = match &self.spectral_norm {
            Some(spectral_norm) => spectral_norm.divide(weight),
            None => weight,
        };
        self.narrowed(match self.kind {
            LayerKind::Upsample(filter) => ops::upsampling_kernel(weight, filter),
            _ => weight,
        })
    }

    fn compute(&self, x: Tensor<4>, pass: &Pass) -> Tensor<4> {
        let (kernel, parts) = (self.kernel(&x, pass), pass.parts());
        let arithmetic = self.arithmetic(&x);
        match self.kind {
            LayerKind::Conv2d { stride, padding } => {
                let for_layer =
                    |bias: &Parameter| self.narrowed(bias.for_layer(&x, [bias.len()], pass));
                let bias = self.bias.as_ref().map(for_layer);
                let options = Conv2dOptions {
                    stride,
                    padding,
                    parts,
                    arithmetic,
                };
                ops::conv2d(x, kernel, bias, options)
            }
            LayerKind::ConvTranspose2d {
                stride,
                padding,
                output_padding,
            } => {
                let options = ConvTranspose2dOptions {
                    stride,
                    padding,
                    output_padding,
                    parts,
                    arithmetic,
                };
                ops::conv_transpose2d(x, kernel, options)
            }
            LayerKind::Upsample(filter) => {
                let options = ConvTranspose2dOptions {
                    stride: 2,
                    padding: filter.padding(),
                    output_padding: 0,
                    parts,
                    arithmetic,
                };
                ops::conv_transpose2d(x, kernel, options)
            }
            LayerKind::Project | LayerKind::Flatten => {
                let options = Conv2dOptions {
                    stride: 1,
                    padding: 0,
                    parts,
                    arithmetic,
                };
                ops::conv2d(x, kernel, None, options)
            }
        }
    }
}

/// A layer, its batch norm if it has one, and its activation.
#[derive(Debug, Clone)]
pub(super) struct Block {
    layer: Layer,
    batch_norm: Option<BatchNorm>,
    activation: Activation,
}

impl Block {
    /// A convolution.
    pub(super) fn conv(
        init: &mut Initializer,
        name: &str,
        c_in: usize,
        c_out: usize,
        window: Window,
    ) -> Result<Self, ModelError> {
        let shape = [c_out, c_in, window.kernel, window.kernel];
        let kind = LayerKind::Conv2d {
            stride: window.stride,
            padding: window.padding,
        };
        Ok(Self::new(
            kind,
            init.weight(format!("{name}.weight"), &shape)?,
        ))
    }

    /// Upsampling by 2, then a 3×3 convolution.
    pub(super) fn upsample(
        init: &mut Initializer,
        name: &str,
        c_in: usize,
        c_out: usize,
        filter: UpsamplingFilter,
    ) -> Result<Self, ModelError> {
        let weight = init.weight(format!("{name}.weight"), &[c_out, c_in, 3, 3])?;
        Ok(Self::new(LayerKind::Upsample(filter), weight))
    }

    /// A transposed convolution. To double the side, an odd kernel needs one row and column of
    /// output padding.
    pub(super) fn conv_transpose(
        init: &mut Initializer,
        name: &str,
        c_in: usize,
        c_out: usize,
        window: Window,
    ) -> Result<Self, ModelError> {
        let shape = [c_in, c_out, window.kernel, window.kernel];
        let kind = LayerKind::ConvTranspose2d {
            stride: window.stride,
            padding: window.padding,
            output_padding: if window.stride == 2 {
                window.kernel % 2
            } else {
                0
            },
        };
        Ok(Self::new(
            kind,
            init.weight(format!("{name}.weight"), &shape)?,
        ))
    }

    /// A linear layer from `z` to `c_out` maps of 4×4.
    pub(super) fn project(
        init: &mut Initializer,
        name: &str,
        z_dim: usize,
        c_out: usize,
    ) -> Result<Self, ModelError> {
        let weight = init.weight(format!("{name}.weight"), &[c_out * 16, z_dim])?;
        Ok(Self::new(LayerKind::Project, weight))
    }

    /// A linear layer from `c_in` maps of 4×4 to one logit.
    pub(super) fn flatten(
        init: &mut Initializer,
        name: &str,
        c_in: usize,
    ) -> Result<Self, ModelError> {
        let weight = init.weight(format!("{name}.weight"), &[1, c_in * 16])?;
        Ok(Self::new(LayerKind::Flatten, weight))
    }

    fn new(kind: LayerKind, weight: Parameter) -> Self {
        Self {
            layer: Layer {
                kind,
                weight,
                bias: None,
                spectral_norm: None,
                precision: Precision::F32,
            },
            batch_norm: None,
            activation: Activation::None,
        }
    }

    /// Adds a bias to a convolution.
    pub(super) fn bias(mut self, init: &mut Initializer, name: &str) -> Result<Self, ModelError> {
        let shape = self.layer.weight.shape();
        let (c_out, fan_in) = (shape[0], shape[1..].iter().product());
        self.layer.bias = Some(init.bias(format!("{name}.bias"), c_out, fan_in)?);
        Ok(self)
    }

    /// Adds batch norm over the layer's output channels (features, for a projection).
    pub(super) fn batch_norm(
        mut self,
        init: &mut Initializer,
        name: &str,
    ) -> Result<Self, ModelError> {
        let shape = self.layer.weight.shape();
        let channels = match self.layer.kind {
            LayerKind::ConvTranspose2d { .. } => shape[1],
            LayerKind::Conv2d { .. }
            | LayerKind::Upsample(_)
            | LayerKind::Project
            | LayerKind::Flatten => shape[0],
        };
        self.batch_norm = Some(BatchNorm::new(name, channels, init)?);
        Ok(self)
    }

    /// Divides the layer's weight by its spectral norm.
    pub(super) fn spectral_norm(mut self, init: &mut Initializer) -> Result<Self, ModelError> {
        self.layer.spectral_norm = Some(SpectralNorm::new(&self.layer.weight, init)?);
        Ok(self)
    }

    /// Sets the activation.
    pub(super) fn activation(mut self, activation: Activation) -> Self {
        self.activation = activation;
        self
    }

    /// The block with a layer that computes in `precision`.
    pub(super) fn with_precision(mut self, precision: Precision) -> Self {
        self.layer.precision = precision;
        self
    }

    /// The operation of its layer.
    pub(super) fn layer_kind(&self) -> LayerKind {
        self.layer.kind
    }

    /// The shape of its layer's weight.
    pub(super) fn weight_shape(&self) -> &[usize] {
        self.layer.weight.shape()
    }

    /// The device of its parameters.
    pub(super) fn device(&self) -> Device {
        self.layer.weight.leaf().device()
    }

    /// The weight and the bias of its layer.
    pub(super) fn into_layer_parameters(self) -> (Parameter, Option<Parameter>) {
        (self.layer.weight, self.layer.bias)
    }

    /// Its activation.
    pub(super) fn activation_function(&self) -> Activation {
        self.activation
    }

    /// Its batch norm, if it has one.
    pub(super) fn batch_norm_layer(&self) -> Option<&BatchNorm> {
        self.batch_norm.as_ref()
    }

    pub(super) fn batch_norm_layer_mut(&mut self) -> Option<&mut BatchNorm> {
        self.batch_norm.as_mut()
    }

    /// The spectral norm of its layer's weight, if it has one.
    pub(super) fn spectral_norm_layer(&self) -> Option<&SpectralNorm> {
        self.layer.spectral_norm.as_ref()
    }

    pub(super) fn spectral_norm_layer_mut(&mut self) -> Option<&mut SpectralNorm> {
        self.layer.spectral_norm.as_mut()
    }

    /// One step of the power iteration for its spectral norm, if it has one.
    pub(super) fn update_spectral_norm(&mut self) {
        let layer = &mut self.layer;
        if let Some(spectral_norm) = &mut layer.spectral_norm {
            spectral_norm.update(&layer.weight);
        }
    }

    pub(super) fn parameters(&self) -> impl Iterator<Item = &Parameter> {
        let layer = [&self.layer.weight].into_iter().chain(&self.layer.bias);
        layer.chain(self.batch_norm.iter().flat_map(BatchNorm::parameters))
    }

    pub(super) fn parameters_mut(&mut self) -> impl Iterator<Item = &mut Parameter> {
        let layer = [&mut self.layer.weight]
            .into_iter()
            .chain(&mut self.layer.bias);
        layer.chain(
            self.batch_norm
                .iter_mut()
                .flat_map(BatchNorm::parameters_mut),
        )
    }

    /// In training mode: batch norm uses the statistics of the batch and updates the running ones.
    pub(super) fn forward_train(&mut self, x: Tensor<4>, pass: &Pass) -> Tensor<4> {
        let y = self.layer.forward(x, pass);
        let y = match &mut self.batch_norm {
            Some(batch_norm) => batch_norm.forward_train(y, self.activation, pass),
            None => ops::activate(y, self.activation),
        };
        self.unfold(y)
    }

    /// In inference mode, without gradients: batch norm uses the running statistics.
    pub(super) fn forward_inference(&self, x: Tensor<4>) -> Tensor<4> {
        let y = self.layer.forward(x, &Pass::freeze());
        let y = match &self.batch_norm {
            Some(batch_norm) => batch_norm.forward_inference(y, self.activation),
            None => ops::activate(y, self.activation),
        };
        self.unfold(y)
    }

    /// As [`forward_inference`](Self::forward_inference), with gradients for `x`.
    pub(super) fn forward_differentiable(&self, x: Tensor<4>) -> Tensor<4> {
        let y = ops::activate(self.before_activation(x), self.activation);
        self.unfold(y)
    }

    /// The input of the activation in inference mode, with gradients for `x`; affine in `x`.
    pub(super) fn before_activation(&self, x: Tensor<4>) -> Tensor<4> {
        let y = self.layer.forward(x, &Pass::freeze());
        match &self.batch_norm {
            Some(batch_norm) => batch_norm.forward_differentiable(y),
            None => y,
        }
    }

    /// Reshapes the features of a projection to maps. This comes after batch norm, which is over
    /// each feature (as in the paper's code), not over each map.
    fn unfold(&self, y: Tensor<4>) -> Tensor<4> {
        if self.layer.kind != LayerKind::Project {
            return y;
        }
        let [batch, features, ..] = y.dims();
        y.reshape([batch, features / 16, 4, 4]) // [B, C, 4, 4]
    }
}
