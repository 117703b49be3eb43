//! One-time codes from an app (TOTP, RFC 6238): SHA-1, six digits, steps of 30 seconds, as every app knows them.
//! The step before and the step after are taken too (§5.2); a step that was used, and any before it, never is again.

use std::time::Duration;

use qrcodegen::{QrCode, QrCodeEcc};
use stoa_core::{Error, Result, Secret, Timestamp, UserId};
use stoa_store::{Ctx, Tx};
use totp_rs::{Algorithm, Builder, Totp};

use super::{backup, ops, store, tries};
use crate::{
    Identity,
    audit::{model::Action, ops::record},
    people, sessions,
};

/// Bytes of a secret, as long as the hash (RFC 4226 §4).
const SECRET_BYTES: usize = 20;
/// Seconds of a step.
const STEP: u64 = 30;
/// How long a secret waits for its first code.
const PENDING: Duration = Duration::from_secs(15 * 60);

/// What an app needs to know, shown once.
pub struct Setup {
    /// The secret in base 32, to be typed.
    pub secret: Secret,
    /// The same as an address that apps understand.
    pub otpauth_url: Secret,
    /// That address as a QR code: an SVG picture.
    pub qr: Secret,
}

/// Begins: makes a secret, which counts for nothing until a code made with it was shown. `issuer` is the name of the
/// house in the app.
///
/// # Errors
/// `conflict` (`totp_active`) where an app is set up already; `forbidden` (`reauthentication_required`).
pub async fn begin(ctx: &Ctx, identity: &Identity, issuer: &str) -> Result<Setup> {
    sessions::ops::fresh(ctx, identity).await?;
    let user = ctx.actor.at_the_browser()?.0.id;
    let email = people::ops::me(ctx).await?.email;
    let bytes = ctx.rng().bytes::<SECRET_BYTES>();
    let totp = totp(&bytes, &email, issuer)?;
    let sealed = ctx.store.ring.seal(&place(user), &bytes)?;
    ctx.db
        .write(async |tx| {
            if store::put_totp(tx, user, sealed.clone(), ctx.now()).await? {
                return Ok(());
            }
            Err(Error::conflict("an app is set up already; remove it first").code("totp_active"))
        })
        .await?;
    let url = Secret::new(totp.to_url()?);
    let qr = Secret::new(picture(url.expose())?);
    Ok(Setup { secret: Secret::new(totp_rs::Secret::from(bytes).to_base32()), otpauth_url: url, qr })
}

/// Confirms with the first code: from now on one is asked for. Gives backup codes where the account had none.
///
/// # Errors
/// `invalid` for a wrong code; `conflict` (`totp_not_started`) without a secret that waits, or one that waited for
/// more than a quarter of an hour; `limited`; `forbidden` (`reauthentication_required`).
pub async fn confirm(ctx: &Ctx, identity: &Identity, code: &Secret) -> Result<Option<Vec<String>>> {
    sessions::ops::fresh(ctx, identity).await?;
    let user = ctx.actor.at_the_browser()?.0.id;
    let now = ctx.now();
    let row = store::totp(&ctx.db.reads(), user).await?;
    let row = row.filter(|row| row.confirmed_at.is_none() && now < row.created_at + PENDING);
    let row = row.ok_or_else(not_started)?;
    tries::count(ctx, identity, user).await?;
    let step = matching_step(ctx, user, &row.secret, code)?;
    let step = step.ok_or_else(|| Error::field("/code", "is not right; check the clock of your device"))?;
    ctx.db
        .write(async |tx| {
            ops::lock(tx, user).await?;
            if !store::confirm_totp(tx, user, row.secret.clone(), step, now).await? {
                return Err(not_started());
            }
            store::clear_tries(tx, user).await?;
            record(ctx, tx, Action::TotpAdded, Some(user), None).await?;
            backup::first(ctx, tx, user).await
        })
        .await
}

/// Takes the app away, confirmed or not.
///
/// # Errors
/// `not_found` where there is none; `forbidden` (`reauthentication_required`); `conflict` (`short_password`) for the last
/// factor beside a password that cannot stand alone.
pub async fn remove(ctx: &Ctx, identity: &Identity) -> Result<()> {
    sessions::ops::fresh(ctx, identity).await?;
    let user = ctx.actor.at_the_browser()?.0.id;
    ctx.db
        .write(async |tx| {
            ops::lock(tx, user).await?;
            let was = store::remove_totp(tx, user).await?;
            if was.ok_or_else(|| Error::not_found("no app is set up"))? {
                record(ctx, tx, Action::TotpRemoved, Some(user), None).await?;
            }
            ops::removed_one(tx, user).await
        })
        .await
}

/// The step whose code this is, if an app is set up and the code is right. Whether it was used, [`take`] knows.
pub(super) async fn check(ctx: &Ctx, user: UserId, code: &Secret) -> Result<Option<i64>> {
    let row = store::totp(&ctx.db.reads(), user).await?;
    match row.filter(|row| row.confirmed_at.is_some()) {
        Some(row) => matching_step(ctx, user, &row.secret, code),
        None => Ok(None),
    }
}

/// Uses a step. Of many who bring its code at once, one succeeds.
pub(super) async fn take(tx: &Tx, user: UserId, step: i64) -> Result<bool> {
    store::use_step(tx, user, step).await
}

fn matching_step(ctx: &Ctx, user: UserId, sealed: &[u8], code: &Secret) -> Result<Option<i64>> {
    let digits = code.expose().trim();
    if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(None);
    }
    let secret = ctx.store.ring.open(&place(user), sealed)?;
    let step = totp(&secret, "account", "Stoa")?.check(digits, seconds(ctx.now()));
    Ok(step.map(i64::try_from).transpose()?)
}

fn totp(secret: &[u8], account: &str, issuer: &str) -> Result<Totp> {
    Ok(Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_skew(1)
        .with_step_duration(STEP)
        .with_secret(totp_rs::Secret::new(secret.into()))
        .with_account_name(account)
        .with_issuer(Some(issuer))
        .build()?)
}

fn seconds(now: Timestamp) -> u64 {
    u64::try_from(now.micros() / 1_000_000).unwrap_or_default()
}

/// For what the secret is sealed.
fn place(user: UserId) -> String {
    format!("identity_totp/{user}/secret")
}

/// A QR code as a picture that scales: one path of squares in black on white, with the quiet zone of four.
fn picture(text: &str) -> Result<String> {
    const QUIET: i32 = 4;
    let code = QrCode::encode_text(text, QrCodeEcc::Medium)?;
    let mut path = String::new();
    for y in 0..code.size() {
        for x in (0..code.size()).filter(|x| code.get_module(*x, y)) {
            path += &format!("M{},{}h1v1h-1z", x + QUIET, y + QUIET);
        }
    }
    let side = code.size() + 2 * QUIET;
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\">\
         <path fill=\"#fff\" d=\"M0,0h{side}v{side}H0z\"/><path d=\"{path}\"/></svg>"
    ))
}

fn not_started() -> Error {
    Error::conflict("no app waits to be confirmed; begin again").code("totp_not_started")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, the last six digits of its eight.
    #[test]
    fn codes_are_those_of_the_specification() {
        let totp = totp(b"12345678901234567890", "ada@example.org", "Stoa").unwrap();
        for (second, code) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
            assert_eq!(totp.check(code, second), Some(second / 30), "{second}");
            assert_eq!(totp.check(code, second + 30), Some(second / 30), "one step late");
            assert_eq!(totp.check(code, second + 60), None, "two steps late");
        }
        assert!(picture(&totp.to_url().unwrap()).unwrap().len() < 64 * 1024);
    }
}
