//! The lane of everything else.

use super::error::UploadError;
use super::lane::{Lane, Troubles};
use super::queue;

impl Lane<'_> {
    /// Carries out deletions and tells of losses, which are owed at any hour, and
    /// then brings what the store lacks of older lessons; says whether some of it
    /// waits for an hour.
    pub(super) async fn backlog_round(&self, troubles: &mut Troubles) -> Result<bool, UploadError> {
        let lessons = queue::backlog(&self.waiting().await?);
        let deleting = self.deletions(troubles).await?;
        let lost = self.losses(troubles).await?;
        let mine = [&lessons, &deleting, &lost];
        troubles.keep_only(|lesson| mine.iter().any(|lessons| lessons.contains(lesson)));
        for id in &lessons {
            if !self.up.hours.backlog_at(self.up.clock.utc(), &self.up.time_zone) {
                return Ok(true);
            }
            self.one(id, troubles).await?;
        }
        Ok(false)
    }
}
