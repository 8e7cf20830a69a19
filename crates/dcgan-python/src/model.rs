//! A generator and its discriminator.

use std::ffi::OsString;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dcgan::latent::{Interpolation, LatentPath};
use dcgan::model::Discriminator;
use dcgan::sample::{Sampler, load_discriminator};
use dcgan_cli::embedded;
use numpy::{
    PyArray1, PyArray2, PyArray4, PyReadonlyArray2, PyReadonlyArray4, PyUntypedArrayMethods,
};
use pyo3::prelude::*;

use crate::exceptions::exception;
use crate::{arrays, task};

/// Pictures that are drawn, or looked at, before signals are looked for. Drawing more at once is no
/// faster.
const CHUNK: usize = 64;

/// A generator, and the discriminator beside it once it is needed.
#[pyclass(frozen, module = "dcgan._dcgan")]
pub struct Model {
    sampler: Mutex<Sampler>,
    discriminator: Mutex<Option<Arc<Discriminator>>>,
    /// The words that name it in commands: its path, and perhaps `--raw`.
    #[pyo3(get)]
    words: Vec<OsString>,
    #[pyo3(get)]
    step: u64,
    #[pyo3(get)]
    preset: String,
    #[pyo3(get)]
    z_dim: usize,
    #[pyo3(get)]
    image_size: usize,
    #[pyo3(get)]
    channels: usize,
}

#[pymethods]
impl Model {
    /// The generator that the words of a `sample` choose.
    #[new]
    fn new(py: Python<'_>, words: Vec<OsString>) -> PyResult<Self> {
        let (loaded, words) = task::interruptible(py, move || embedded::generator(&words))?;
        let step = loaded.header.step;
        let sampler = Sampler::new(loaded.generator);
        let config = sampler.config();
        Ok(Self {
            words,
            step,
            preset: config.preset.to_string(),
            z_dim: config.z_dim,
            image_size: config.image_size,
            channels: config.channels,
            sampler: Mutex::new(sampler),
            discriminator: Mutex::new(None),
        })
    }

    /// The latent vectors of seeds, `[N, z_dim]`.
    #[pyo3(signature = (seeds, truncation))]
    fn latents<'py>(
        &self,
        py: Python<'py>,
        seeds: Vec<u64>,
        truncation: Option<f64>,
    ) -> PyResult<Bound<'py, PyArray2<f32>>> {
        let rows: Vec<Vec<f32>> = py.detach(|| {
            let sampler = self.sampler();
            let config = sampler.config();
            let latent = |seed| match truncation {
                Some(limit) => dcgan::latent::truncated(config, seed, limit),
                None => sampler.latent(seed),
            };
            seeds.into_iter().map(latent).collect()
        });
        arrays::rows(py, &rows, self.z_dim)
    }

    /// The pictures of latent vectors `[N, z_dim]` as bytes, `[N, H, W, C]`.
    fn draw<'py>(
        &self,
        py: Python<'py>,
        z: PyReadonlyArray2<'py, f32>,
    ) -> PyResult<Bound<'py, PyArray4<u8>>> {
        let bytes = self.in_chunks(py, &arrays::vectors(&z), |sampler, z| {
            let pictures = sampler.draw(z).into_iter();
            pictures.flat_map(|picture| picture.into_bytes()).collect()
        })?;
        arrays::pictures(py, bytes, self.image_size, self.channels)
    }

    /// The pictures of latent vectors `[N, z_dim]` as the generator computes them, `[N, H, W, C]` in
    /// [−1, 1].
    fn values<'py>(
        &self,
        py: Python<'py>,
        z: PyReadonlyArray2<'py, f32>,
    ) -> PyResult<Bound<'py, PyArray4<f32>>> {
        let values = self.in_chunks(py, &arrays::vectors(&z), |sampler, z| sampler.values(z))?;
        arrays::pictures(py, values, self.image_size, self.channels)
    }

    /// The latent vectors on a path through stops `[N, z_dim]`.
    fn path<'py>(
        &self,
        py: Python<'py>,
        stops: PyReadonlyArray2<'py, f32>,
        frames: usize,
        is_spherical: bool,
        closed: bool,
    ) -> PyResult<Bound<'py, PyArray2<f32>>> {
        let path = LatentPath {
            interpolation: if is_spherical {
                Interpolation::Spherical
            } else {
                Interpolation::Linear
            },
            steps: frames,
            closed,
        };
        let distribution = self.sampler().config().latent_distribution();
        let vectors = path.through(&arrays::vectors(&stops), distribution);
        arrays::rows(py, &vectors, self.z_dim)
    }

    /// The discriminator's features of pictures `[N, H, W, C]` in [−1, 1].
    fn features<'py>(
        &self,
        py: Python<'py>,
        pictures: PyReadonlyArray4<'py, f32>,
    ) -> PyResult<Bound<'py, PyArray2<f32>>> {
        let (values, of_picture) = contiguous(&pictures)?;
        let discriminator = self.discriminator(py)?;
        let mut rows = Vec::new();
        for chunk in values.chunks((CHUNK * of_picture).max(1)) {
            py.check_signals()?;
            rows.extend(py.detach(|| discriminator.features_of_values(chunk)));
        }
        arrays::rows(py, &rows, discriminator.feature_count())
    }

    /// The discriminator's logits of pictures `[N, H, W, C]` in [−1, 1].
    fn logits<'py>(
        &self,
        py: Python<'py>,
        pictures: PyReadonlyArray4<'py, f32>,
    ) -> PyResult<Bound<'py, PyArray1<f32>>> {
        let (values, of_picture) = contiguous(&pictures)?;
        let discriminator = self.discriminator(py)?;
        let mut logits = Vec::new();
        for chunk in values.chunks((CHUNK * of_picture).max(1)) {
            py.check_signals()?;
            logits.extend(py.detach(|| discriminator.logits_of_values(chunk)));
        }
        Ok(PyArray1::from_vec(py, logits))
    }
}

impl Model {
    fn sampler(&self) -> MutexGuard<'_, Sampler> {
        self.sampler.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn in_chunks<T: Send>(
        &self,
        py: Python<'_>,
        z: &[Vec<f32>],
        draw: impl Fn(&mut Sampler, &[Vec<f32>]) -> Vec<T> + Sync,
    ) -> PyResult<Vec<T>> {
        let mut values = Vec::new();
        for chunk in z.chunks(CHUNK) {
            py.check_signals()?;
            values.extend(py.detach(|| draw(&mut self.sampler(), chunk)));
        }
        Ok(values)
    }

    /// The discriminator, which is loaded when it is first needed.
    fn discriminator(&self, py: Python<'_>) -> PyResult<Arc<Discriminator>> {
        let loaded = py.detach(|| {
            let mut known = self
                .discriminator
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            if let Some(discriminator) = &*known {
                return anyhow::Ok(Arc::clone(discriminator));
            }
            let path = self.words.first().map_or(Path::new(""), Path::new);
            let discriminator = load_discriminator(path, self.sampler().device())?;
            Ok(Arc::clone(known.insert(Arc::new(discriminator))))
        });
        loaded.map_err(|error| exception(&error))
    }
}

/// The values of an array, and how many a picture has.
fn contiguous<'a>(pictures: &'a PyReadonlyArray4<'_, f32>) -> PyResult<(&'a [f32], usize)> {
    let values = pictures.as_slice()?;
    let of_picture = pictures.shape().iter().skip(1).product();
    Ok((values, of_picture))
}
