//! Quick add, for models.

use stoa_edge::{Told, Tool, ToolHints};

use super::{model::QuickTask, ops};
use crate::{
    MindFlow, WRITE,
    tasks::mcp::{CARD, OneTask, line},
};

/// A task out of the person's own words.
pub(crate) fn quick_add(app: &MindFlow) -> Tool {
    let config = app.config.clone();
    Tool::new("quick_add_task", WRITE, move |ctx, QuickTask { text }| {
        let config = config.clone();
        async move {
            let task = ops::create(&ctx, &config, &text).await?;
            Ok(Told { text: format!("Added {}", line(&task)), value: OneTask { task } })
        }
    })
    .told(
        "Add a task in plain words",
        "Adds a task from one line of plain English, as the person said it: \"call Ana tomorrow 3pm !4 ~15m #phone\". Dates \
         and times are meant in the person's time zone. Prefer it over add_task when the date was said in words.",
    )
    .hints(ToolHints::ADDS)
    .shown_by(CARD)
}
