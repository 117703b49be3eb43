//! When somebody goes away: the caller, the run, the server.

use std::{
    io::{BufRead, BufReader},
    process::Stdio,
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use stoa_sandbox::{Reason, Sandbox};
use tokio_util::sync::CancellationToken;

use crate::world::{World, config, eventually, groups_in, processes_with, roomy, text};

#[tokio::test]
async fn row_69_many_at_once_half_of_them_cancelled() {
    let world = World::new().await;
    let cancel = CancellationToken::new();
    let sleepers: Vec<_> =
        (0..6).map(|_| world.program("print('up'); import time; time.sleep(10**6)")).collect();
    let quick = world.program("print('quick')");
    let limits = roomy();
    let mut runs = tokio::task::JoinSet::new();
    for program in sleepers {
        let (sandbox, limits, cancel) = (world.sandbox.clone(), limits.clone(), cancel.clone());
        runs.spawn(async move {
            let stop = cancel.clone();
            sandbox.run(&limits, &program, cancel, move |_, _| stop.cancel()).await
        });
    }
    for _ in 0..6 {
        let (sandbox, limits, program) = (world.sandbox.clone(), limits.clone(), quick.clone());
        runs.spawn(async move { sandbox.run(&limits, &program, CancellationToken::new(), |_, _| {}).await });
    }
    let mut ended = (0, 0, 0);
    while let Some(run) = runs.join_next().await {
        match run.unwrap() {
            Ok(run) if run.exit.reason == Reason::Cancelled => ended.0 += 1,
            Ok(run) => {
                assert_eq!((run.exit.reason, text(&run.stdout)), (Reason::Exited, "quick\n".to_owned()));
                ended.1 += 1;
            }
            Err(error) => {
                assert_eq!(error.said(), "the run was cancelled before it began");
                ended.2 += 1;
            }
        }
    }
    assert_eq!((ended.0 + ended.2, ended.1), (6, 6), "{ended:?}");
    world.leaves_nothing().await;
}

#[tokio::test]
async fn row_70_a_run_that_nobody_waits_for_ends() {
    let world = World::new().await;
    let program = world.program("print('up'); import time; time.sleep(10**6)");
    let limits = roomy();
    let up = CancellationToken::new();
    let heard = up.clone();
    let run = world.sandbox.run(&limits, &program, CancellationToken::new(), move |_, _| heard.cancel());
    tokio::select! {
        _ = run => panic!("it sleeps for ever"),
        () = up.cancelled() => {} // and the future is dropped here
    }
    eventually("the dropped run to end", || world.processes().is_empty()).await;
    let groups = world.groups();
    let cells = || {
        groups
            .iter()
            .flat_map(|group| std::fs::read_dir(group).unwrap().flatten())
            .filter(|e| e.path().is_dir())
    };
    eventually("its groups to go", || cells().count() == 0).await;
    world.leaves_nothing().await;
}

#[tokio::test]
async fn row_71_a_killed_server_takes_its_jobs_along_and_the_next_one_cleans_up() {
    let (config, token) = config();
    #[expect(clippy::disallowed_methods, reason = "a server that is going to be killed")]
    let mut server = std::process::Command::new(&config.program)
        .args(["test-serve", config.folder.to_str().unwrap(), config.program.to_str().unwrap(), &token])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut said).unwrap();
    assert_eq!(said, "up\n");
    assert!(processes_with(&token).len() >= 4, "server, helper, first process, program, and a spare");
    let groups = groups_in(&config.folder);
    server.kill().unwrap();
    server.wait().unwrap();
    eventually("the jobs to die with their server", || processes_with(&token).is_empty()).await;
    assert!(groups.iter().all(|group| group.exists()), "nobody has cleaned up yet");
    let world = World::open(config, token, |_| {}).await;
    assert!(!groups.iter().any(|group| group.exists()), "the next server cleans up");
    assert!(world.groups().iter().all(|group| !groups.contains(group)));
    world.leaves_nothing().await;
}

#[tokio::test]
async fn a_cell_made_ahead_serves_one_run_and_goes_with_the_sandbox() {
    let world = World::with(|config| config.spare = 1).await;
    for n in 0..5 {
        assert_eq!(world.said(&format!("open('x', 'x'); print({n})")).await, format!("{n}\n"));
    }
    let waiting = world.processes();
    assert_eq!(waiting.len(), 2, "a helper and a first process: {waiting:?}");
    let World { sandbox, token, folder, .. } = world;
    drop(sandbox);
    eventually("the spare cell to end", || processes_with(&token).is_empty()).await;
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn a_spare_cell_that_died_is_not_used() {
    let world = World::with(|config| config.spare = 1).await;
    assert_eq!(world.said("print(1)").await, "1\n");
    for pid in world.pids() {
        kill(Pid::from_raw(pid), Signal::SIGKILL).unwrap();
    }
    eventually("the spare cell to end", || world.processes().is_empty()).await;
    assert_eq!(world.said("print(2)").await, "2\n");
    let World { sandbox, token, folder, .. } = world;
    drop(sandbox);
    eventually("the spare cell to end", || processes_with(&token).is_empty()).await;
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn below_the_floor_nothing_is_opened() {
    let (config, _) = config();
    let folder = config.folder.clone();
    let floor = [stoa_sandbox::Layer::CgroupV1, stoa_sandbox::Layer::CgroupV2, stoa_sandbox::Layer::Watchdog];
    let floor = floor.into_iter().fold(config.floor.clone(), stoa_sandbox::Floor::with);
    let error = Sandbox::open(stoa_sandbox::Config { floor, ..config }).await.unwrap_err();
    assert_eq!((error.kind(), error.stable_code()), (stoa_core::Kind::Unavailable, "sandbox_floor"));
    assert!(error.said().contains("the sandbox lacks cgroup"), "{}", error.said());
    std::fs::remove_dir_all(folder).unwrap();
}
