//! What a training step costs: no unused gradients, no large allocations, and the same bits on any
//! number of threads.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use burn::tensor::{Tensor, TensorData};
use dcgan::config::{ModelConfig, ModelOptions, Preset, TrainingConfig};
use dcgan::gan::Gan;
use dcgan::latent;
use dcgan::ops::profile;
use dcgan::train::{StepNoise, training_step};
use dcgan_support::random::Purpose;

/// Allocations from this size on are large: smaller than most activations and weights of the tests,
/// larger than the half MiB in which the `gemm` crate packs a factor of the first layer.
const LARGE: usize = 1 << 20;

static LARGE_ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

struct Counting;

#[expect(unsafe_code, reason = "an allocator that counts is an allocator")]
// SAFETY: everything is passed on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.size() >= LARGE {
            LARGE_ALLOCATIONS.fetch_add(1, Relaxed);
        }
        // SAFETY: as the caller promised to us.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: as the caller promised to us.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The tests read counters of the whole process, so they run one at a time.
static ALONE: Mutex<()> = Mutex::new(());

/// A training from initial weights on one batch of synthetic pictures.
struct Training {
    gan: Gan,
    real: Tensor<4>,
    step: u64,
}

impl Training {
    fn new(model: &ModelConfig, batch_size: usize) -> Self {
        let device = dcgan::device::by_name("cpu").expect("there is a cpu");
        let settings = TrainingConfig::default();
        let gan = Gan::new(model, &settings, &device).expect("possible networks");
        let (size, channels) = (model.image_size, model.channels);
        let pixels: Vec<f32> = (0..batch_size * size * size * channels)
            .map(|index| (index as f32 * 0.37).sin())
            .collect();
        let data = TensorData::new(pixels, [batch_size, size, size, channels]);
        let real = Tensor::<4>::from_data(data, &device).permute([0, 3, 1, 2]);
        Self { gan, real, step: 0 }
    }

    fn step(&mut self) {
        let [batch_size, ..] = self.real.dims();
        let noise = |purpose| {
            let config = self.gan.generator.model.config();
            let z = latent::noise(config, 0, purpose, self.step, batch_size);
            let data = TensorData::new(z, [batch_size, config.z_dim, 1, 1]);
            Tensor::from_data(data, &self.real.device())
        };
        let noise = StepNoise::latent(
            noise(Purpose::DiscriminatorNoise),
            Some(noise(Purpose::GeneratorNoise)),
        );
        training_step(&mut self.gan, self.real.clone(), noise);
        self.step += 1;
    }

    /// All weights, as bits.
    fn bits(&self) -> Vec<u32> {
        let networks = [
            self.gan.generator.network(),
            self.gan.discriminator.network(),
        ];
        let parameters = networks
            .into_iter()
            .flat_map(|network| network.parameters());
        parameters
            .flat_map(dcgan::model::Parameter::values)
            .map(f32::to_bits)
            .collect()
    }
}

#[test]
fn twenty_steps_give_the_same_bits_with_one_thread_and_with_two() {
    let _alone = ALONE.lock();
    // wide enough for every kind of kernel, narrow enough for a test
    for preset in [Preset::Tutorial, Preset::Pytorch, Preset::Paper] {
        let model = ModelOptions::new(preset)
            .with_ngf(32)
            .with_ndf(16)
            .build()
            .unwrap();
        let trained = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
            pool.build().expect("threads").install(|| {
                let mut training = Training::new(&model, 8);
                (0..20).for_each(|_| training.step());
                training.bits()
            })
        };
        let (one, two) = (trained(1), trained(2));
        let different = one.iter().zip(&two).filter(|(one, two)| one != two).count();
        assert_eq!(
            different,
            0,
            "weights of {preset} that differ, of {}",
            one.len()
        );
    }
}

#[test]
fn after_the_third_step_nothing_large_is_allocated() {
    let _alone = ALONE.lock();
    for preset in [Preset::Tutorial, Preset::Pytorch, Preset::Paper] {
        let model = ModelOptions::new(preset)
            .with_ngf(64)
            .with_ndf(64)
            .build()
            .unwrap();
        let mut training = Training::new(&model, 16);
        // one thread, because the memory that each keeps depends on its tasks
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1);
        pool.build().expect("a thread").install(|| {
            (0..3).for_each(|_| training.step());
            let before = LARGE_ALLOCATIONS.load(Relaxed);
            (0..3).for_each(|_| training.step());
            let allocated = LARGE_ALLOCATIONS.load(Relaxed) - before;
            assert_eq!(allocated, 0, "large allocations in three steps of {preset}");
        });
    }
}

#[test]
fn the_generators_update_computes_no_weight_gradients_of_the_discriminator() {
    let _alone = ALONE.lock();
    let mut training = Training::new(&ModelConfig::new(Preset::Small), 4);
    profile::start();
    training.step();
    let operations = profile::stop().operations;
    let calls = |name: &str| {
        let found = operations.iter().find(|operation| operation.name == name);
        found.map(|operation| operation.calls)
    };
    // D classifies fakes, real pictures, and the fakes of G's update; it learns from the first two
    assert_eq!(calls("conv2d 16→32, 32→16: forward"), Some(3));
    assert_eq!(calls("conv2d 16→32, 32→16: weight gradient"), Some(2));
    assert_eq!(calls("conv2d 16→32, 32→16: input gradient"), Some(3));
    // G draws both fakes, and learns from the second
    assert_eq!(calls("conv_transpose2d 48→24, 16→32: forward"), Some(2));
    assert_eq!(
        calls("conv_transpose2d 48→24, 16→32: weight gradient"),
        Some(1)
    );
    assert_eq!(
        calls("conv_transpose2d 48→24, 16→32: input gradient"),
        Some(1)
    );
    // pictures need no gradient, except on the way back to G
    assert_eq!(calls("conv2d 3→16, 64→32: input gradient"), Some(1));
}
