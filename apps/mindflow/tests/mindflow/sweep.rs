//! What was deleted long ago is forgotten for good.

use std::time::Duration;

use serde_json::json;

use crate::house::{World, id, titles};

const DAY: Duration = Duration::from_secs(86_400);

#[tokio::test]
async fn a_deleted_task_can_be_restored_for_thirty_days_and_then_is_gone() {
    let world = World::new().await;
    let old = world.task(json!({ "title": "old" })).await;
    world.tick();
    let after = world.task(json!({ "title": "waits", "depends_on": [id(&old)] })).await;
    world.tick();
    let kept = world.task(json!({ "title": "completed long ago" })).await;
    world.act(&kept, "complete").await.done(200);
    world.ask("anna", "DELETE", &format!("/tasks/{}", id(&old)), None).await.done(204);
    world.time.advance(DAY * 29);
    let young = world.task(json!({ "title": "young" })).await;
    world.ask("anna", "DELETE", &format!("/tasks/{}", id(&young)), None).await.done(204);
    world.waits_for_schedules(DAY / 2).await;
    assert_eq!(titles(&world.get("/tasks?deleted=true").await), ["young", "old"]);
    world.waits_for_schedules(DAY).await;
    assert_eq!(titles(&world.get("/tasks?deleted=true").await), ["young"]);
    assert_eq!(world.act(&old, "restore").await.refusal(), (404, "not_found".into()));
    assert_eq!(world.get(&format!("/tasks/{}", id(&after))).await["depends_on"], json!([]));
    assert_eq!(titles(&world.get("/tasks").await), ["completed long ago", "waits"]);
}
