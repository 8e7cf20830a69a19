//! `--truncation`.

use dcgan::latent;

/// Parses the limit of `--truncation`.
pub fn parse(text: &str) -> Result<f64, String> {
    let (least, most) = latent::TRUNCATION.into_inner();
    let expected = || format!("expected a number from {least} to {most}, such as 0.7");
    let limit: f64 = text.parse().map_err(|_| expected())?;
    if latent::TRUNCATION.contains(&limit) {
        Ok(limit)
    } else {
        Err(expected())
    }
}
