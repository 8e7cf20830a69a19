//! Writes the seeds of every target to `fuzz/corpus`, where `cargo fuzz` looks for them.

use std::fs;
use std::path::Path;

use dcgan_fuzz::Target;

fn main() -> std::io::Result<()> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    for target in Target::ALL {
        let folder = corpus.join(target.name());
        fs::create_dir_all(&folder)?;
        for (number, seed) in target.seeds().into_iter().enumerate() {
            fs::write(folder.join(format!("seed-{number}")), seed)?;
        }
    }
    println!("seeds in {}", corpus.display());
    Ok(())
}
