//! Mutations of mail: parse, call, map.

use async_graphql::{Context, Object};

use super::not_begun::not_begun;
use crate::booking::on_its_own_task;
use crate::graphql::error::ApiError;
use crate::graphql::types::mail_change::{
    CreateMailLinkInput, CreateMailLinkPayload, ResendMailInput, ResendMailPayload,
};
use crate::graphql::{actor, notes, services};

/// Mail to patients.
#[derive(Default)]
pub struct MailMutation;

/// Mail to patients.
#[Object]
impl MailMutation {
    /// Sends a mail, or sends it again, with the `Message-ID` that it had: as soon as it makes sense, which is judged
    /// anew. `INVALID_INPUT` where the visit has begun or is over, or the offer is. For administrators and schedulers.
    async fn resend_mail(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The mail.")] input: ResendMailInput,
    ) -> Result<ResendMailPayload, ApiError> {
        let (mail, actor) = (services(context).mail.clone(), actor(context).clone());
        let notes = notes(context);
        let result = match input.parse(&notes) {
            Ok(command) => {
                on_its_own_task(async move { mail.resend(&actor, &command).await }).await
            }
            Err(error) => not_begun(context, "resendMail", error).await,
        };
        notes.take_down(&result);
        ResendMailPayload::of(result)
    }

    /// Makes a fresh link of the patient to the visit or the offer that a mail is about, to be told to them otherwise
    /// than by mail; `INVALID_INPUT` where that is over. For administrators and schedulers.
    async fn create_mail_link(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The mail.")] input: CreateMailLinkInput,
    ) -> Result<CreateMailLinkPayload, ApiError> {
        let (mail, actor) = (services(context).mail.clone(), actor(context).clone());
        let notes = notes(context);
        let result = match input.parse(&notes) {
            Ok(command) => {
                on_its_own_task(async move { mail.create_link(&actor, &command).await }).await
            }
            Err(error) => not_begun(context, "createMailLink", error).await,
        };
        notes.take_down(&result);
        CreateMailLinkPayload::of(result)
    }
}
