//! Our own binary in a cell, reading a stranger's document.

use std::time::Duration;

use stoa_core::Kind;
use stoa_sandbox::Limits;
use tokio_util::sync::CancellationToken;

use crate::world::{World, roomy, text};

#[tokio::test]
async fn a_tool_turns_stdin_into_stdout_and_sees_only_itself() {
    let world = World::new().await;
    let tool = async |name, stdin| world.sandbox.tool(&roomy(), name, stdin, CancellationToken::new()).await;
    let document = vec![7; 200_000];
    assert_eq!(tool("echo", document.clone()).await.unwrap(), document);
    assert_eq!(text(&tool("look", vec![]).await.unwrap()), "[false, false, false, true]\n");
    let error = tool("no such tool", vec![]).await.unwrap_err();
    assert_eq!((error.kind(), error.stable_code()), (Kind::Invalid, "unreadable"));
    world.leaves_nothing().await;
}

#[tokio::test]
async fn a_tool_that_meets_a_limit_says_so() {
    let world = World::new().await;
    let limits = Limits { cpu: Duration::from_secs(1), output_bytes: 1000, ..roomy() };
    for (name, stdin) in [("spin", vec![]), ("echo", vec![1; 1001]), ("grow", vec![])] {
        let error = world.sandbox.tool(&limits, name, stdin, CancellationToken::new()).await.unwrap_err();
        assert_eq!((error.kind(), error.stable_code()), (Kind::Invalid, "too_costly"), "{name}: {error:?}");
    }
    world.leaves_nothing().await;
}
