//! Whether time tells what answers do not: known and unknown addresses, a thousand tries each, compared by rank.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use stoa_core::{Role, TestRng};
use stoa_identity::{Config, SignupMode};

use crate::house::World;

/// Tries of each kind.
const TRIES: usize = 1_000;

/// How far two samples are apart (Mann and Whitney 1947): the standard score of U, which a sample of 1,000 has normally
/// distributed when both come from one distribution; and the chance of one that far out.
fn rank_test(one: &[Duration], two: &[Duration]) -> (f64, f64) {
    let mut all: Vec<(Duration, bool)> =
        one.iter().map(|time| (*time, true)).chain(two.iter().map(|time| (*time, false))).collect();
    all.sort_unstable();
    // Durations are in nanoseconds: ties are rare, and share nothing worth a correction.
    let ranks: f64 = (1..).zip(&all).filter(|(_, (_, first))| *first).map(|(rank, _)| f64::from(rank)).sum();
    let (m, n) = (one.len() as f64, two.len() as f64);
    let u = ranks - m * (m + 1.0) / 2.0;
    let z = (u - m * n / 2.0) / (m * n * (m + n + 1.0) / 12.0).sqrt();
    (z, erfc(z.abs() / 2_f64.sqrt()))
}

/// The complementary error function, to seven digits (Abramowitz and Stegun 7.1.26).
fn erfc(x: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.327_591_1 * x);
    let sum = [1.061_405_429, -1.453_152_027, 1.421_413_741, -0.284_496_736, 0.254_829_592]
        .iter()
        .fold(0.0, |sum, part| (sum + part) * t);
    sum * (-x * x).exp()
}

/// Knocks at one door, for known and unknown addresses in turn, each address used once.
async fn compare(world: &World, door: &str, body: impl Fn(&str) -> Value) {
    let (mut times, chance) = ([Vec::new(), Vec::new()], TestRng::seeded(1));
    for round in 0..TRIES {
        // Chance says who goes first: what those before leave behind falls on both.
        let first = usize::from(chance.bytes::<1>()[0] % 2);
        for which in [first, 1 - first] {
            let email =
                [format!("known{round}@example.org"), format!("other{round}@example.org")][which].clone();
            let began = Instant::now();
            let seen = world.knock(door, body(&email)).await;
            times[which].push(began.elapsed());
            assert!([202, 401].contains(&seen.status.as_u16()), "{door}: {}", seen.status);
        }
    }
    let (z, p) = rank_test(&times[0], &times[1]);
    for times in &mut times {
        times.sort_unstable();
    }
    let medians = [times[0][TRIES / 2], times[1][TRIES / 2]];
    let told = format!("{door}: z = {z:.2}, p = {p:.4}, medians {medians:?} of {TRIES} each");
    #[expect(clippy::print_stderr, reason = "the measurement is worth seeing when the test is run by hand")]
    {
        eprintln!("{told}");
    }
    assert!(p > 0.001, "time tells: {told}");
}

/// A house with a thousand people, whose doors answer as often as asked.
async fn crowded() -> World {
    let world = World::with(Config { signup: SignupMode::Open, ..Config::default() }, 100_000).await;
    world.person("own", Role::Owner).await;
    let hash = world.text("SELECT password AS t FROM identity_user").await;
    world.people(TRIES, &hash).await;
    // What is done after the answer is done meanwhile, as in a real house.
    world.works();
    world
}

#[tokio::test]
async fn fw_s5_mv_h4_the_time_of_a_login_does_not_tell() {
    let world = crowded().await;
    compare(&world, "/auth/login", |email| json!({ "email": email, "password": "not the right password" }))
        .await;
}

#[tokio::test]
async fn fw_s5_mv_h4_the_time_of_a_sign_up_does_not_tell() {
    let world = crowded().await;
    let body =
        |email: &str| json!({ "email": email, "password": "staple of the day", "display_name": "Grace" });
    compare(&world, "/auth/signup", body).await;
}

#[tokio::test]
async fn fw_s5_mv_h4_the_time_of_asking_for_letters_does_not_tell() {
    let world = crowded().await;
    for door in ["/auth/password/forgot", "/auth/email/resend"] {
        compare(&world, door, |email| json!({ "email": email })).await;
    }
}

#[test]
fn the_rank_test_tells_a_shift_and_none_apart() {
    // Two halves of one sequence that has no trend.
    let noise = |seed: u64| {
        (0..1000_u64).map(move |at| Duration::from_nanos((at * 7919 + seed * 104_729) % 10_007 + 50_000))
    };
    let (one, two): (Vec<_>, Vec<_>) = (noise(1).collect(), noise(2).collect());
    assert!(rank_test(&one, &two).1 > 0.01);
    let shifted: Vec<_> = two.iter().map(|time| *time + Duration::from_nanos(1_000)).collect();
    assert!(rank_test(&one, &shifted).1 < 0.001);
    assert!((erfc(0.0) - 1.0).abs() < 1e-6 && (erfc(1.0) - 0.157_299_2).abs() < 1e-6);
}
