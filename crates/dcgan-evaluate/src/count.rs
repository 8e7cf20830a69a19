use crate::error::{EvaluationError, Side};

/// Refuses fewer than `needed` pictures on either side.
pub(crate) fn check_counts(
    metric: &'static str,
    needed: usize,
    real: usize,
    generated: usize,
) -> Result<(), EvaluationError> {
    for (side, count) in [(Side::Real, real), (Side::Generated, generated)] {
        if count < needed {
            return Err(EvaluationError::TooFew {
                metric,
                side,
                count,
                needed,
            });
        }
    }
    Ok(())
}
