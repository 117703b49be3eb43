//! Running code nobody trusts, in a cell: namespaces, a root of its own, limits, a system call filter.
//!
//! Owns the control groups it makes and one folder with a note about them; a cell's own files live in memory and
//! vanish with it. Strangers' bytes enter as [`Program`] and leave as [`Run`].
//!
//! One run, from door to door:
//! 1. [`Sandbox::run`] checks limits and names, and takes a cell that was made ahead (`spare`), or makes one.
//! 2. A cell is this binary once more (`sandbox-cell`, [`cell_main`]): a *helper* with one thread joins its control
//!    group, becomes nobody, and forks into all namespaces. The child, the cell's first process (`cell::init`), builds
//!    a root of its own (`cell::root`) and waits for its order, which comes over a socket (`wire`).
//! 3. The first process writes the job's files and starts the program (`cell::start`): limits, no capability, Landlock
//!    (`cell::files`), the filter (`cell::filter`), then exec.
//! 4. The server (`supervise`) feeds stdin, carries output live, and looks at the sums of the control group (`groups`).
//!    Where there is none, the first process adds up itself (`cell::watch`).
//! 5. At the end the first process ends all that is left, reaps, hands the files back (`cell::artefacts`) and reports.
//!    The verdict is made of what server and first process saw, never of what the program said.
//!
//! If the server dies, the socket closes, the first process ends, and the kernel ends all in its namespace; if the
//! helper dies, the kernel ends the first process. A dead server's groups are removed by the next one (`owners`).
//!
//! Not here: which jobs run when (`jobs`), what a run means to a person (the apps), the network outward (`edge`).

mod advice;
mod cell;
mod groups;
mod ids;
mod languages;
mod layers;
mod limits;
mod owners;
mod program;
mod run;
mod sandbox;
mod spare;
mod supervise;
mod wire;

pub use cell::cell_main;
pub use languages::{Entry, Language, Space, languages};
pub use layers::{Floor, Layer, Layers};
pub use limits::{Asked, Limits};
pub use program::{MOST_INPUT_BYTES, Program};
pub use run::{Artefact, Exit, Reason, Run, Skipped, Stream, Usage};
pub use sandbox::{Config, Sandbox};
