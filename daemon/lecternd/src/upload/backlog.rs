//! The lane of everything else.

use super::error::UploadError;
use super::lane::{Lane, Troubles};
use super::queue;

impl Lane<'_> {
    /// Carries out deletions, which are owed at any hour, and then brings what
    /// the store lacks of older lessons; says whether some of it waits for an
    /// hour.
    pub(super) async fn backlog_round(&self, troubles: &mut Troubles) -> Result<bool, UploadError> {
        let lessons = queue::backlog(&self.waiting().await?);
        let deleting = self.deletions(troubles).await?;
        troubles.keep_only(|lesson| lessons.contains(lesson) || deleting.contains(lesson));
        for id in &lessons {
            if !self.up.hours.backlog_at(self.up.clock.utc(), &self.up.time_zone) {
                return Ok(true);
            }
            self.one(id, troubles).await?;
        }
        Ok(false)
    }
}
