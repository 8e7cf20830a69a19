//! What the discriminator's features answer to: the paper's Figure 5.

use crate::feature_reader::{FeatureError, FeatureReader};
use dcgan::model::{Discriminator, GRID, Pass, RunningStatistics};

/// Pictures that a discriminator's running statistics are taken from.
const STATISTICS_PICTURES: usize = 1024;
const STATISTICS_BATCH: usize = 64;

/// A map of the last layer before the logit, and the pictures that it answers to most.
#[derive(Debug, Clone, PartialEq)]
pub struct Feature {
    /// Its number.
    pub map: usize,
    /// The pictures, the strongest answer first.
    pub pictures: Vec<Answer>,
}

/// A picture and how a map answers to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The picture's number in the data set.
    pub index: usize,
    /// The strongest answer anywhere in the picture.
    pub answer: f32,
    /// What in the picture it answers to, by
    /// [guided backpropagation](Discriminator::guided_backpropagation):
    /// `[image_size, image_size, channels]`, of any size.
    pub gradient: Vec<f32>,
}

/// Finds the `features` maps whose strongest answers to the data set's pictures stand out most
/// from their usual ones, and for each the `pictures` that it answers to most with what in them it
/// answers to.
///
/// ```
/// use dcgan::config::{ModelOptions, Preset};
/// use dcgan_data::{DataSource, Dataset, PictureOptions};
/// use dcgan_explore::feature_reader::FeatureReader;
/// use dcgan::model::Discriminator;
/// use dcgan_explore::visualization::visualize;
///
/// let device = dcgan::device::by_name("cpu")?;
/// let model = ModelOptions::new(Preset::Small).with_ndf(4).build()?;
/// let discriminator = Discriminator::new(&model, 0, &device)?;
/// let faces = DataSource::Demo { count: 20, seed: 0 };
/// let faces = Dataset::load(&faces, &PictureOptions::default(), &|_, _| {}, &|| false)?;
///
/// let reader = FeatureReader::new(&discriminator, &faces)?;
/// let strongest = visualize(&discriminator, &reader, [3, 2], &|_| {})?;
/// assert_eq!(strongest.len(), 3);
/// let first = &strongest[0].pictures;
/// assert!(first[0].answer >= first[1].answer);
/// assert_eq!(first[0].gradient.len(), 64 * 64 * 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// `progress` is told how many pictures were looked at.
///
/// # Errors
/// A picture that cannot be read any more.
pub fn visualize(
    discriminator: &Discriminator,
    reader: &FeatureReader,
    [features, pictures]: [usize; 2],
    progress: &dyn Fn(usize),
) -> Result<Vec<Feature>, FeatureError> {
    let maps = look_at_all(discriminator.deepest_maps(), reader, pictures, progress)?;
    let mut ranked: Vec<_> = maps.into_iter().enumerate().collect();
    ranked.sort_by(|(_, one), (_, other)| other.standing_out().total_cmp(&one.standing_out()));
    ranked.truncate(features);
    let feature = |(number, map): (usize, Map)| {
        let mut values = Vec::new();
        for &(index, _) in &map.strongest {
            values.extend(reader.values(index)?);
        }
        let numbers = vec![number; map.strongest.len()];
        let causes = discriminator.guided_backpropagation(reader.tensor(values), &numbers);
        let found = map.strongest.iter().zip(causes);
        let answers = found.map(|(&(index, answer), cause)| Answer {
            index,
            answer,
            gradient: cause.gradient,
        });
        Ok(Feature {
            map: number,
            pictures: answers.collect(),
        })
    };
    ranked.into_iter().map(feature).collect()
}

/// How each of so many maps answers to all pictures.
fn look_at_all(
    maps: usize,
    reader: &FeatureReader,
    kept: usize,
    progress: &dyn Fn(usize),
) -> Result<Vec<Map>, FeatureError> {
    let mut maps = vec![Map::default(); maps];
    let all: Vec<usize> = (0..reader.dataset().len()).collect();
    reader.each(&all, |first, rows| {
        for (place, row) in rows.iter().enumerate() {
            let deepest = &row[row.len() - maps.len() * GRID * GRID..];
            for (map, cells) in maps.iter_mut().zip(deepest.chunks_exact(GRID * GRID)) {
                let answer = cells.iter().copied().fold(f32::NEG_INFINITY, f32::max);
                map.look_at(first + place, answer, kept);
            }
        }
        progress(first + rows.len());
        Ok::<(), FeatureError>(())
    })?;
    Ok(maps)
}

/// A discriminator of the same shape that was not trained, as a training would begin with it: with
/// the running statistics that its first weights have on pictures of the data set.
///
/// # Errors
/// A picture that cannot be read any more.
///
/// # Panics
/// If the configuration describes no network, which that of a discriminator does.
pub fn untrained(
    discriminator: &Discriminator,
    reader: &FeatureReader,
    seed: u64,
) -> Result<Discriminator, FeatureError> {
    let device = discriminator.network().parameters()[0].leaf().device();
    let mut untrained = Discriminator::new(discriminator.config(), seed, &device)
        .expect("the configuration of a discriminator");
    let all: Vec<usize> = (0..reader.dataset().len().min(STATISTICS_PICTURES)).collect();
    for (batch, number) in all.chunks(STATISTICS_BATCH).zip(1..) {
        let mut values = Vec::new();
        for &index in batch {
            values.extend(reader.values(index)?);
        }
        let pass = Pass {
            running_statistics: RunningStatistics::Mean { batch: number },
            ..Pass::freeze()
        };
        untrained.forward_train(reader.tensor(values), &pass);
    }
    Ok(untrained)
}

/// How one map answers to all pictures.
#[derive(Debug, Clone, Default)]
struct Map {
    /// Pictures and answers, the strongest first.
    strongest: Vec<(usize, f32)>,
    count: f64,
    sum: f64,
    squares: f64,
}

impl Map {
    fn look_at(&mut self, index: usize, answer: f32, kept: usize) {
        self.count += 1.0;
        self.sum += f64::from(answer);
        self.squares += f64::from(answer).powi(2);
        let place = self
            .strongest
            .partition_point(|&(_, other)| other >= answer);
        if place < kept {
            self.strongest.insert(place, (index, answer));
            self.strongest.truncate(kept);
        }
    }

    /// How far the strongest answers lie above the mean, in standard deviations.
    fn standing_out(&self) -> f64 {
        let mean = self.sum / self.count;
        let deviation = (self.squares / self.count - mean * mean).max(0.0).sqrt();
        let strongest = self.strongest.iter().map(|&(_, answer)| f64::from(answer));
        let above = strongest.sum::<f64>() / self.strongest.len() as f64 - mean;
        match deviation > 0.0 {
            true => above / deviation,
            false => 0.0,
        }
    }
}
