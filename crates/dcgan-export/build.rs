//! Assembles the WebAssembly of the page.

use std::env;
use std::error::Error;
use std::fs;
use std::path::Path;

const TEXT: &str = "src/page/web/convolution.wat";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={TEXT}");
    let module = wat::parse_file(TEXT)?;
    let out = env::var("OUT_DIR")?;
    fs::write(Path::new(&out).join("convolution.wasm"), module)?;
    Ok(())
}
