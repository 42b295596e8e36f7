//! The lane of the newest lesson.

use lectern_api::LessonId;
use lectern_spool::SpoolError;

use super::error::UploadError;
use super::lane::{Kind, Lane, Troubles};
use super::queue;

impl Lane<'_> {
    /// One look at what the store lacks of the newest lesson; says whether it
    /// waits for an hour.
    pub(super) async fn fresh_round(&self, troubles: &mut Troubles) -> Result<bool, UploadError> {
        let lessons = self.waiting().await?;
        troubles.keep_only(|lesson| queue::fresh(&lessons) == Some(lesson));
        let Some(id) = queue::fresh(&lessons) else { return Ok(false) };
        if !self.up.hours.fresh_at(self.up.clock.utc(), &self.up.time_zone) {
            return Ok(true);
        }
        self.one(id, troubles).await?;
        Ok(false)
    }

    /// Whether this lane may go on with a lesson.
    pub(super) async fn goes_on(&self, id: &LessonId) -> Result<bool, SpoolError> {
        let now = self.up.clock.utc();
        match self.kind {
            Kind::Fresh if !self.up.hours.fresh_at(now, &self.up.time_zone) => Ok(false),
            Kind::Backlog if !self.up.hours.backlog_at(now, &self.up.time_zone) => Ok(false),
            // A lesson that is deleted meanwhile is noticed when it is read.
            Kind::Backlog => Ok(true),
            Kind::Fresh => Ok(queue::fresh(&self.waiting().await?) == Some(id)),
        }
    }
}
