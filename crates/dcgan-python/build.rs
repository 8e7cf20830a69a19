//! On macOS the names of Python are found when the module is loaded; without this, only maturin could
//! link it there.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    pyo3_build_config::add_extension_module_link_args();
}
