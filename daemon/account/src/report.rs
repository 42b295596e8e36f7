//! Accounts, added up.

use std::collections::BTreeMap;

use lectern_api::account::{Account, Outcome, Sum, Sums};

/// Adds accounts up.
#[must_use]
pub fn sums(accounts: &[Account]) -> Sums {
    let mut total = Sum::default();
    accounts.iter().for_each(|account| add(&mut total, account));
    let text = |name: Option<&String>| name.cloned().unwrap_or_default();
    Sums {
        total,
        by_class: by(accounts, |a| text(a.lesson.class.as_ref()), Clone::clone),
        by_subject: by(accounts, |a| a.lesson.subject.clone(), Clone::clone),
        by_teacher: by(accounts, |a| text(a.lesson.teacher.as_ref()), Clone::clone),
        by_week: by(accounts, |a| a.lesson.week, |week| week.map_or(String::new(), |week| week.to_string())),
    }
}

fn by<K: Ord>(accounts: &[Account], key: impl Fn(&Account) -> K, name: impl Fn(&K) -> String) -> Vec<Sum> {
    let mut sums: BTreeMap<K, Sum> = BTreeMap::new();
    for account in accounts {
        add(sums.entry(key(account)).or_default(), account);
    }
    sums.into_iter().map(|(key, sum)| Sum { name: name(&key), ..sum }).collect()
}

fn add(sum: &mut Sum, account: &Account) {
    sum.recorded_s += account.recorded_s;
    sum.live_s += account.live_s;
    sum.missing_s += account.missing_s();
    let counted = match account.outcome {
        Outcome::NotOwed => {
            sum.not_owed += 1;
            return;
        }
        Outcome::Planned | Outcome::Running => &mut sum.to_come,
        Outcome::Complete => &mut sum.complete,
        Outcome::Missed => &mut sum.missed,
    };
    *counted += 1;
    sum.lessons += 1;
    if matches!(account.outcome, Outcome::Complete | Outcome::Missed) {
        sum.planned_s += account.planned_s();
    }
}
