//! What the discriminator's last feature maps respond to: the paper's Figure 5.

use crate::feature_reader::FeatureReader;
use dcgan::model::{Discriminator, FEATURE_GRID, Pass, RunningStatistics};
use dcgan_data::DataError;

/// Pictures over which an untrained discriminator's running statistics are estimated.
const STATISTICS_PICTURES: usize = 1024;
const STATISTICS_BATCH_SIZE: usize = 64;

/// How much to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FigureSize {
    /// How many feature maps.
    pub maps: usize,
    /// How many pictures of each.
    pub pictures: usize,
}

/// A map of the last layer before the logit, and the pictures that it responds to most.
#[derive(Debug, Clone, PartialEq)]
pub struct StrongMap {
    /// Its index in the layer.
    pub map: usize,
    /// The pictures, the strongest response first.
    pub responses: Vec<Response>,
}

/// A map's response to a picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Response {
    /// The picture's index in the data set.
    pub index: usize,
    /// The maximum of the map's activation.
    pub activation: f32,
    /// What in the picture caused it, by
    /// [guided backpropagation](Discriminator::guided_backpropagation):
    /// `[image_size, image_size, channels]`, of any magnitude.
    pub gradient: Vec<f32>,
}

/// Finds the maps whose strongest responses to the data set's pictures stand out most from their
/// mean response, and what in the pictures they respond to. `progress` is called with the number
/// of pictures done.
///
/// ```
/// use dcgan::config::{ModelOptions, Preset};
/// use dcgan_data::{DataSource, Dataset, PictureOptions};
/// use dcgan_explore::feature_reader::FeatureReader;
/// use dcgan::model::Discriminator;
/// use dcgan_explore::visualization::{FigureSize, visualize};
///
/// let device = dcgan::device::by_name("cpu")?;
/// let model = ModelOptions::new(Preset::Small).with_ndf(4).build()?;
/// let discriminator = Discriminator::new(&model, 0, &device)?;
/// let faces = DataSource::Demo { count: 20, seed: 0 };
/// let faces = Dataset::load(&faces, &PictureOptions::default(), &|_, _| {}, &|| false)?;
///
/// let reader = FeatureReader::new(&discriminator, &faces)?;
/// let size = FigureSize { maps: 3, pictures: 2 };
/// let strongest = visualize(&discriminator, &reader, size, &|_| {})?;
/// assert_eq!(strongest.len(), 3);
/// let first = &strongest[0].responses;
/// assert!(first[0].activation >= first[1].activation);
/// assert_eq!(first[0].gradient.len(), 64 * 64 * 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If a picture cannot be read.
pub fn visualize(
    discriminator: &Discriminator,
    reader: &FeatureReader,
    size: FigureSize,
    progress: &dyn Fn(usize),
) -> Result<Vec<StrongMap>, DataError> {
    let maps = observe_maps(
        discriminator.deepest_maps(),
        reader,
        size.pictures,
        progress,
    )?;
    let mut ranked: Vec<_> = maps.into_iter().enumerate().collect();
    ranked.sort_by(|(_, a), (_, b)| b.prominence().total_cmp(&a.prominence()));
    ranked.truncate(size.maps);
    let explain = |(map, observed): (usize, ObservedMap)| {
        let values = reader.values(observed.strongest.iter().map(|peak| peak.index))?;
        let maps = vec![map; observed.strongest.len()];
        let causes = discriminator.guided_backpropagation(reader.tensor(values), &maps);
        let responses = observed.strongest.iter().zip(causes);
        let responses = responses.map(|(peak, cause)| Response {
            index: peak.index,
            activation: peak.activation,
            gradient: cause.gradient,
        });
        Ok(StrongMap {
            map,
            responses: responses.collect(),
        })
    };
    ranked.into_iter().map(explain).collect()
}

/// How each of the last `maps` feature maps responds to all pictures, with its `kept` strongest
/// responses.
fn observe_maps(
    maps: usize,
    reader: &FeatureReader,
    kept: usize,
    progress: &dyn Fn(usize),
) -> Result<Vec<ObservedMap>, DataError> {
    let mut maps = vec![ObservedMap::default(); maps];
    let all: Vec<usize> = (0..reader.dataset().len()).collect();
    reader.for_each_batch(&all, |first, rows| {
        for (place, row) in rows.iter().enumerate() {
            let deepest = &row[row.len() - maps.len() * FEATURE_GRID * FEATURE_GRID..];
            for (map, cells) in maps
                .iter_mut()
                .zip(deepest.chunks_exact(FEATURE_GRID * FEATURE_GRID))
            {
                let activation = cells.iter().copied().fold(f32::NEG_INFINITY, f32::max);
                let index = first + place;
                map.add(Peak { index, activation }, kept);
            }
        }
        progress(first + rows.len());
        Ok::<(), DataError>(())
    })?;
    Ok(maps)
}

/// A discriminator with the same configuration and its initial weights, in the state in which
/// training begins: its running statistics are those of pictures of the data set.
///
/// # Errors
/// If a picture cannot be read.
pub fn untrained(
    discriminator: &Discriminator,
    reader: &FeatureReader,
    seed: u64,
) -> Result<Discriminator, DataError> {
    let device = discriminator.network().device();
    let mut untrained = Discriminator::new(discriminator.config(), seed, &device)
        .expect("the configuration of a discriminator");
    let all: Vec<usize> = (0..reader.dataset().len().min(STATISTICS_PICTURES)).collect();
    for (indices, batch) in all.chunks(STATISTICS_BATCH_SIZE).zip(1..) {
        let values = reader.values(indices.iter().copied())?;
        let pass = Pass {
            running_statistics: RunningStatistics::Mean { batch },
            ..Pass::freeze()
        };
        untrained.forward_train(reader.tensor(values), &pass);
    }
    Ok(untrained)
}

/// A picture and a map's strongest activation on it.
#[derive(Debug, Clone, Copy)]
struct Peak {
    index: usize,
    activation: f32,
}

/// How one map responds to all pictures.
#[derive(Debug, Clone, Default)]
struct ObservedMap {
    /// The strongest first.
    strongest: Vec<Peak>,
    count: f64,
    sum: f64,
    squares: f64,
}

impl ObservedMap {
    fn add(&mut self, peak: Peak, kept: usize) {
        self.count += 1.0;
        self.sum += f64::from(peak.activation);
        self.squares += f64::from(peak.activation).powi(2);
        let rank = self
            .strongest
            .partition_point(|other| other.activation >= peak.activation);
        if rank < kept {
            self.strongest.insert(rank, peak);
            self.strongest.truncate(kept);
        }
    }

    /// How many standard deviations the strongest responses lie above the mean.
    fn prominence(&self) -> f64 {
        let mean = self.sum / self.count;
        let deviation = (self.squares / self.count - mean * mean).max(0.0).sqrt();
        let strongest = self.strongest.iter().map(|peak| f64::from(peak.activation));
        let above = strongest.sum::<f64>() / self.strongest.len() as f64 - mean;
        if deviation > 0.0 {
            above / deviation
        } else {
            0.0
        }
    }
}
