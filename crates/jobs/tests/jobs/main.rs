//! Durable jobs, tried on each way of keeping them: SQLite, PostgreSQL with its own wake-ups, PostgreSQL with Redis.
//!
//! `sqlite::` needs nothing. The others need the servers that `cargo x services -- cargo test -p stoa-jobs --test
//! jobs` brings. Each test is a function over a [`house::House`]; [`facts`] makes three tests of it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod house;
mod process;
mod script;

mod cancel;
mod claim;
mod crash;
mod enqueue;
mod plans;
mod progress;
mod retry;
mod schedule;
mod shutdown;
mod view;

/// Makes one test of each fact for each way of keeping jobs.
macro_rules! facts {
    ($($room:ident: $($fact:ident),+ $(,)?;)+) => {
        mod sqlite { $($(#[test] fn $fact() { $crate::house::on($crate::house::Kept::Sqlite, crate::$room::$fact); })+)+ }
        mod postgres { $($(#[test] fn $fact() { $crate::house::on($crate::house::Kept::Postgres, crate::$room::$fact); })+)+ }
        mod postgres_and_redis { $($(#[test] fn $fact() { $crate::house::on($crate::house::Kept::PostgresAndRedis, crate::$room::$fact); })+)+ }
    };
}

facts! {
    enqueue:
        lm_05_a_job_commits_or_vanishes_with_the_transaction_that_asked_for_it,
        mf_o3_the_request_id_and_the_person_go_into_the_job,
        a_job_waits_until_it_is_due,
        input_that_cannot_be_kept_is_refused_on_every_engine;
    claim:
        lm_04_two_workers_on_two_nodes_run_each_of_400_jobs_once,
        no_more_run_at_once_than_there_are_places,
        a_worker_leaves_kinds_alone_that_it_does_not_know,
        an_end_that_is_written_twice_counts_once;
    retry:
        a_failed_try_comes_again_after_a_growing_pause_and_ends_as_failed,
        a_final_error_ends_the_job_at_once,
        a_panic_is_a_failed_try,
        a_try_that_takes_too_long_is_told_to_stop_and_fails,
        an_output_with_a_zero_character_is_kept_on_every_engine;
    cancel:
        a_waiting_job_is_cancelled_at_once_and_never_runs,
        a_running_job_hears_of_it_on_another_node,
        a_job_that_waits_for_its_next_try_is_cancelled_at_once,
        a_try_that_fails_after_it_was_cancelled_does_not_come_again,
        cancelling_a_job_that_has_ended_changes_nothing;
    progress:
        events_have_no_gaps_and_resume_by_number,
        only_the_present_run_is_heard;
    crash:
        lm_24_a_killed_worker_loses_nothing_and_effects_happen_once,
        lm_05_a_stalled_worker_that_wakes_up_changes_nothing,
        a_job_that_kills_its_workers_ends_as_failed;
    schedule:
        three_nodes_fire_a_schedule_once,
        a_shorter_interval_counts_at_once;
    shutdown:
        lm_23_shutdown_hands_running_jobs_back_and_does_not_count_the_try,
        lm_23_work_that_is_done_in_time_is_not_lost;
    view:
        a_strangers_job_is_as_absent_as_none,
        admins_see_what_was_given_up_page_by_page,
        lm_16_the_lag_is_how_long_the_oldest_job_is_due,
        ended_jobs_are_forgotten_with_their_events_and_the_others_stay;
    plans:
        no_statement_reads_a_whole_table;
}
