//! Loss scaling (Micikevicius et al. 2018, "Mixed Precision Training"): the loss is multiplied and
//! the gradients are divided again, so that small 16-bit gradients do not underflow to 0.

use burn::tensor::{Bool, Device, Tensor, TensorData};

/// The initial scale, PyTorch's default. All scales are powers of 2, so scaling does not round.
const INITIAL_SCALE: f32 = 65_536.0;

/// Steps without an overflow after which the scale doubles, PyTorch's default.
const GROWTH_INTERVAL: f32 = 2_000.0;

/// The loss scale of one network. It stays on the device, so that a step does not wait for the
/// host to read the gradients on which the scale depends.
#[derive(Debug, Clone)]
pub struct LossScale {
    /// The scale, `[1]`.
    scale: Tensor<1>,
    /// Steps since it changed, `[1]`.
    good: Tensor<1>,
}

impl LossScale {
    /// The initial scale.
    pub fn new(device: &Device) -> Self {
        Self::from_state([INITIAL_SCALE, 0.0], device)
    }

    /// From a saved state: the scale, and the steps since it changed.
    pub fn from_state(state: [f32; 2], device: &Device) -> Self {
        let device = device.clone().inner();
        let [scale, good] = state.map(|value| {
            let data = TensorData::new(vec![value], [1]);
            Tensor::from_data(data, &device)
        });
        Self { scale, good }
    }

    /// The state to save: the scale, and the steps since it changed, `[2]`.
    pub fn state(&self) -> Tensor<1> {
        Tensor::cat(vec![self.scale.clone(), self.good.clone()], 0)
    }

    /// The loss to compute gradients of.
    pub(super) fn scaled(&self, loss: Tensor<1>) -> Tensor<1> {
        loss * Tensor::from_inner(self.scale.clone())
    }

    /// The gradient of a parameter of the unscaled loss.
    pub(super) fn unscaled(&self, gradient: Tensor<1>) -> Tensor<1> {
        gradient / self.scale.clone()
    }

    /// Whether all gradients are finite, `[1]`, given the sum of their squares. If not, the scale
    /// halves; after many steps in which they are, it doubles.
    pub(super) fn update(&mut self, squares: &Tensor<1>) -> Tensor<1, Bool> {
        // false for infinity and for NaN
        let good = squares.clone().lower_elem(f32::MAX);
        let counted = self.good.clone() + 1.0;
        let grows = counted.clone().greater_equal_elem(GROWTH_INTERVAL);
        let scale = self.scale.clone();
        let grown = scale.clone().mask_where(grows.clone(), scale.clone() * 2.0);
        let halved = (scale * 0.5).clamp_min(1.0);
        self.scale = halved.mask_where(good.clone(), grown);
        let counted = counted.mask_fill(grows, 0.0);
        self.good = counted.zeros_like().mask_where(good.clone(), counted);
        good
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device;
    use crate::model::to_host;

    fn updated(scale: &mut LossScale, squares: f32) -> ([f32; 2], bool) {
        let data = TensorData::new(vec![squares], [1]);
        let squares = Tensor::from_data(data, &device::cpu().inner());
        let good = scale
            .update(&squares)
            .into_data()
            .iter::<bool>()
            .all(|good| good);
        let state = to_host(scale.state());
        ([state[0], state[1]], good)
    }

    #[test]
    fn the_scale_halves_at_an_overflow_and_doubles_after_enough_steps_without_one() {
        let mut scale = LossScale::new(&device::cpu());
        assert_eq!(updated(&mut scale, 1e30), ([65_536.0, 1.0], true));
        assert_eq!(updated(&mut scale, f32::INFINITY), ([32_768.0, 0.0], false));
        assert_eq!(updated(&mut scale, f32::NAN), ([16_384.0, 0.0], false));
        let mut scale = LossScale::from_state([8.0, 1_998.0], &device::cpu());
        assert_eq!(updated(&mut scale, 0.0), ([8.0, 1_999.0], true));
        assert_eq!(updated(&mut scale, 0.0), ([16.0, 0.0], true));
        let mut scale = LossScale::from_state([1.0, 5.0], &device::cpu());
        assert_eq!(updated(&mut scale, f32::NAN), ([1.0, 0.0], false));
    }
}
