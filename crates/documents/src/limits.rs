//! How much of a stranger's document we look at. One place, so that they can be read and changed together.

/// Entries of a DOCX package. A thesis with hundreds of pictures has about 600.
pub const ENTRIES: usize = 4_000;
/// Bytes of one part (a file inside the package) after inflating it, counted while inflating.
pub const PART_BYTES: u64 = 32 << 20;
/// Bytes of all parts that we inflate.
pub const INFLATED_BYTES: u64 = 64 << 20;
/// Inflated size over packed size of one part; looked at from one megabyte on. Word's own XML reaches about 60.
pub const RATIO: u64 = 300;
/// Elements inside elements. Word's own documents stay below 40.
pub const DEPTH: usize = 200;
/// Elements of one part.
pub const ELEMENTS: usize = 500_000;
/// Attributes of one element.
pub const ATTRIBUTES: usize = 256;
/// Characters of text in a document.
pub const TEXT: usize = 4_000_000;
/// Blocks (paragraphs, tables, code) of a document.
pub const BLOCKS: usize = 100_000;
/// Tables inside tables that stay tables; deeper ones become their text.
pub const TABLE_DEPTH: usize = 3;
/// Bytes of a request to the tool: one document and the pictures of a report.
pub const REQUEST_BYTES: u64 = 256 << 20;
