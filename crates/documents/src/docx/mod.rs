//! Word documents. The package, its numbering and styles, and what its body says.

mod body;
mod numbering;
pub(crate) mod package;
mod styles;
#[cfg(test)]
mod tests;

use stoa_core::{Error, Result};

use self::{body::Body, numbering::Numbering, package::Package, styles::Styles};
use crate::document::Document;

/// Reads a Word document.
pub(crate) fn read(bytes: &[u8]) -> Result<Document> {
    crate::sniff::refuse_what_is_no_zip(bytes)?;
    let mut package = Package::open(bytes)?;
    let styles = package.related("styles")?.map(|tree| Styles::read(&tree)).unwrap_or_default();
    let numbering = package.related("numbering")?.map(|tree| Numbering::read(&tree)).unwrap_or_default();
    let main = package.main.clone();
    let tree = package.tree(&main)?.ok_or_else(|| {
        Error::invalid(
            "the document names a main part that is not in it; save it again in Word or LibreOffice",
        )
    })?;
    let body = tree
        .child("body")
        .ok_or_else(|| Error::invalid("the document has no body; save it again in Word or LibreOffice"))?;
    Body::new(styles, numbering).read(body)
}
