//! The line to the mail server (SMTP, RFC 5321). Each letter has a connection of its own; there are few.

use std::time::{Duration, UNIX_EPOCH};

use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
    transport::smtp::{authentication::Credentials, extension::ClientId},
};
use stoa_core::{Error, Result, Timestamp};

use super::{
    config::{Security, Server},
    model::LetterId,
};

/// The line to the mail server.
pub(crate) struct Line {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    /// All of one letter, from connecting to the last answer.
    whole: Duration,
}

/// What leaves the house.
pub(crate) struct Outgoing<'a> {
    pub(crate) id: LetterId,
    pub(crate) to: &'a str,
    pub(crate) subject: &'a str,
    pub(crate) text: String,
    pub(crate) at: Timestamp,
}

impl Line {
    /// Nothing is said on it yet.
    ///
    /// # Errors
    /// `invalid` for a host that no certificate could name.
    pub(crate) fn new(server: &Server) -> Result<Self> {
        type Transport = AsyncSmtpTransport<Tokio1Executor>;
        let wrong = |cause| Error::invalid("`mail.smtp` names no host with a certificate").because(cause);
        let mut builder = match server.security {
            Security::Plain => Transport::builder_dangerous(&server.host),
            Security::StartTls => Transport::starttls_relay(&server.host).map_err(wrong)?,
            Security::Tls => Transport::relay(&server.host).map_err(wrong)?,
        };
        if let Some((user, password)) = &server.account {
            builder = builder.credentials(Credentials::new(user.clone(), password.expose().to_owned()));
        }
        let transport = builder
            .port(server.port)
            .timeout(Some(server.timeout))
            .hello_name(ClientId::Domain(server.from.email.domain().to_owned()))
            .build();
        Ok(Self { transport, from: server.from.clone(), whole: server.timeout * 4 })
    }

    /// Hands a letter to the mail server. A letter that is sent twice has one `Message-ID`, so that readers can tell.
    ///
    /// # Errors
    /// `invalid` where it will never be taken, `unavailable` where it may be later.
    pub(crate) async fn send(&self, letter: Outgoing<'_>) -> Result<()> {
        let message = self.message(letter)?;
        let sent = tokio::time::timeout(self.whole, self.transport.send(message)).await;
        let failed = match sent {
            Ok(Ok(_)) => return Ok(()),
            Ok(Err(failed)) => failed,
            Err(_) => return Err(Error::unavailable("the mail server does not answer")),
        };
        // Only what the server itself says for good is for good: its settings and ours may be mended meanwhile.
        if failed.is_permanent() {
            return Err(Error::invalid(format!("the mail server refused it: {}", said(&failed))));
        }
        Err(Error::unavailable(format!("the mail server cannot take it now: {}", said(&failed)))
            .because(failed))
    }

    fn message(&self, letter: Outgoing<'_>) -> Result<Message> {
        let to = letter.to.parse().map_err(|_| Error::invalid("mail cannot be sent to such an address"))?;
        let since_1970 = u64::try_from(letter.at.micros()).unwrap_or_default();
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(letter.subject)
            .date(UNIX_EPOCH + Duration::from_micros(since_1970))
            .message_id(Some(format!("<{}@{}>", letter.id, self.from.email.domain())))
            // Nobody's holiday reply is wanted (RFC 3834 §5).
            .raw_header(lettre::message::header::HeaderValue::new(
                lettre::message::header::HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".into(),
            ))
            .header(ContentType::TEXT_PLAIN)
            .body(letter.text)
            .map_err(|cause| Error::invalid("the letter cannot be written as mail").because(cause))
    }
}

/// What went wrong, on one line of sane length: it is shown to those who look after the house.
fn said(failed: &lettre::transport::smtp::Error) -> String {
    let mut text = failed.to_string();
    let mut cause = std::error::Error::source(failed);
    while let Some(inner) = cause {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            text = format!("{text}: {inner_text}");
        }
        cause = inner.source();
    }
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(300).collect()
}
