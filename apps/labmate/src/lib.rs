//! LabMate: upload a lab assignment, get its tasks, run the code, get a report.

pub mod assignments;
