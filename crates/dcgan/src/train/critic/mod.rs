//! A look at the fakes of a report.

use super::{Look, Points, Yardstick};
use crate::train::report::{Drawing, read_grid};
use crate::train::{TrainError, Trainer};

/// Compares the fakes of a report by plan with real pictures, and with the fakes before.
///
/// # Errors
/// Pictures that have gone.
pub(in crate::train) fn look(trainer: &mut Trainer, drawing: &Drawing) -> Result<Look, TrainError> {
    let yardstick = match trainer.yardstick.take() {
        Some(yardstick) => yardstick,
        None => Yardstick::of(&trainer.dataset)?,
    };
    let points = Points::of(drawing.fakes());
    let before = fakes_before(trainer);
    let (fakes, discriminator) = (drawing.fakes(), &trainer.gan.discriminator);
    let look = yardstick.look(fakes, &points, before.as_ref(), discriminator);
    trainer.yardstick = Some(yardstick);
    trainer.before = Some((trainer.step, points));
    Ok(look)
}

/// The fakes of the report by plan before this step's: those in memory, or those in the folder
/// after a run was resumed or went back.
fn fakes_before(trainer: &mut Trainer) -> Option<Points> {
    let display_step = trainer.config.training.report_every;
    let step = (trainer.step - 1) / display_step * display_step;
    match trainer.before.take() {
        Some((known, points)) if known == step => Some(points),
        _ if step == 0 => None,
        _ => {
            let grid = trainer.folder.fake_grid(step);
            let fakes = read_grid(&grid, &trainer.config.model)?;
            Some(Points::of(&fakes))
        }
    }
}
