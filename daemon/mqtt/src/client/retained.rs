//! The retained state at the broker: what is wanted, and what is still to be
//! told. Pure.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use lectern_api::mqtt::{Channel, Topic};

/// What is wanted, and which topics the broker does not know so yet.
#[derive(Debug, Default)]
pub(super) struct Retained {
    wanted: BTreeMap<Topic, Vec<u8>>,
    /// No longer wanted, and nobody has confirmed to have heard of it.
    gone: BTreeSet<Topic>,
    due: VecDeque<Topic>,
}

impl Retained {
    /// From now on this is wanted; of what is told already nothing is repeated.
    pub(super) fn want(&mut self, wanted: BTreeMap<Topic, Vec<u8>>) {
        let former = std::mem::replace(&mut self.wanted, wanted);
        let gone = former.keys().filter(|topic| !self.wanted.contains_key(*topic)).cloned();
        self.gone.extend(gone.clone());
        self.gone.retain(|topic| !self.wanted.contains_key(topic));
        let changed = self.wanted.iter().filter(|(topic, payload)| former.get(*topic) != Some(*payload));
        let due: Vec<Topic> = gone.chain(changed.map(|(topic, _)| topic.clone())).collect();
        due.into_iter().for_each(|topic| self.tell(topic));
    }

    /// A connection began: the broker may have forgotten everything, and those
    /// who listen to it nothing. `first` is told first.
    pub(super) fn tell_all(&mut self, first: &Topic) {
        let others = self.wanted.keys().filter(|topic| *topic != first);
        self.due = others.chain(&self.gone).cloned().collect();
        self.due.push_front(first.clone());
    }

    /// Tells a topic once more.
    pub(super) fn tell(&mut self, topic: Topic) {
        if !self.due.contains(&topic) {
            self.due.push_back(topic);
        }
    }

    /// The broker holds an alarm: one that is over since is cleared.
    pub(super) fn found(&mut self, topic: Topic, payload: &[u8]) {
        let is_alarm = matches!(topic.channel, Channel::Alarm(_));
        if is_alarm && !payload.is_empty() && !self.wanted.contains_key(&topic) {
            self.tell(topic);
        }
    }

    /// The broker has what was told of a topic.
    pub(super) fn acknowledged(&mut self, topic: &Topic) {
        self.gone.remove(topic);
    }

    /// The next one to tell; an empty payload clears it.
    pub(super) fn next(&mut self) -> Option<(Topic, Vec<u8>)> {
        let topic = self.due.pop_front()?;
        let payload = self.wanted.get(&topic).cloned().unwrap_or_default();
        Some((topic, payload))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lectern_api::Name;

    fn alarm(unit: &str) -> Topic {
        let name = |text| Name::new(text).unwrap();
        Topic::service(name(unit), Channel::Alarm(name("camera.lost")))
    }

    fn told(retained: &mut Retained) -> Vec<(Topic, Vec<u8>)> {
        std::iter::from_fn(|| retained.next()).collect()
    }

    #[test]
    fn only_what_changed_is_told_and_everything_at_a_new_connection() {
        let mut retained = Retained::default();
        let [a, b, c] = ["a", "b", "c"].map(alarm);
        retained.want([(a.clone(), b"1".to_vec()), (b.clone(), b"1".to_vec())].into());
        assert_eq!(told(&mut retained).len(), 2);
        retained.want([(b.clone(), b"2".to_vec()), (c.clone(), b"1".to_vec())].into());
        let expected = [(a.clone(), vec![]), (b.clone(), b"2".to_vec()), (c.clone(), b"1".to_vec())];
        assert_eq!(told(&mut retained), expected);
        retained.acknowledged(&a);
        retained.tell_all(&c);
        assert_eq!(told(&mut retained), [(c.clone(), b"1".to_vec()), (b.clone(), b"2".to_vec())]);
        // What the broker kept of a former life is cleared; the rest is left.
        retained.found(a.clone(), b"old");
        retained.found(b, b"2");
        retained.found(c, b"");
        assert_eq!(told(&mut retained), [(a, vec![])]);
    }

    #[test]
    fn an_end_is_told_at_each_connection_until_it_is_acknowledged_or_no_longer_true() {
        let mut retained = Retained::default();
        let [a, b] = ["a", "b"].map(alarm);
        let both = || [(a.clone(), b"1".to_vec()), (b.clone(), b"1".to_vec())].into();
        let only_b = || [(b.clone(), b"1".to_vec())].into();
        retained.want(both());
        retained.tell_all(&b);
        told(&mut retained);
        // It ends while there is no connection, and the broker forgets: a platform
        // that had heard of it is still to hear of its end.
        retained.want(only_b());
        for _ in 0..2 {
            retained.tell_all(&b);
            assert_eq!(told(&mut retained), [(b.clone(), b"1".to_vec()), (a.clone(), vec![])]);
        }
        retained.want(both());
        retained.tell_all(&b);
        assert_eq!(told(&mut retained), [(b.clone(), b"1".to_vec()), (a.clone(), b"1".to_vec())]);
        retained.want(only_b());
        told(&mut retained);
        retained.acknowledged(&a);
        retained.tell_all(&b);
        assert_eq!(told(&mut retained), [(b.clone(), b"1".to_vec())]);
    }
}
