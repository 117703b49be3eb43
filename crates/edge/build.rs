//! The web app is embedded when the crate is compiled: it must be compiled again when the web app was built again.

fn main() {
    println!("cargo::rerun-if-changed=../../web/dist");
}
