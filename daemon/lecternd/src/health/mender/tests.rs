use std::time::Duration;

use lectern_api::Text;
use lectern_api::fault::Severity;

use super::*;
use crate::health::book::Finding;

/// A box that can take every step.
struct Able;

impl Tools for Able {
    fn can(&self, _: Repair, _: &str) -> bool {
        true
    }

    fn take(&self, what: Repair, _: &str) -> Work {
        Box::pin(async move {
            match what {
                Repair::Replug => Err(Hindrance::NoHelper("no helper".to_owned())),
                Repair::RestartDaemon => std::future::pending().await,
                _ => Ok(()),
            }
        })
    }
}

struct Bench {
    mender: Mender,
    book: Book,
    orders: mpsc::Receiver<Order>,
    reports: mpsc::Sender<Report>,
    seconds: u64,
}

fn bench(remembers: bool) -> Bench {
    let ((orders_tx, orders), (reports, reports_rx)) = (mpsc::channel(1), mpsc::channel(1));
    let ports = MenderPorts { tools: Arc::new(Able), orders: orders_tx, reports: reports_rx };
    let mender = Mender::new(&[], remembers, ports);
    Bench { mender, book: Book::default(), orders, reports, seconds: 0 }
}

impl Bench {
    /// One look at a lesson of which nothing is recorded.
    fn look(&mut self) -> Option<Order> {
        self.seconds += 1;
        let utc = jiff::Timestamp::from_second(i64::try_from(self.seconds).unwrap()).unwrap();
        let now = Moment { utc, monotonic: Duration::from_secs(self.seconds) };
        let text = Text { en: String::new(), zh: String::new() };
        let (code, unit, hint) = (RECORD_SILENT, "record".to_owned(), text.clone());
        let finding = Finding { code, severity: Severity::Critical, unit, text, hint };
        let look = Look { wrong: vec![finding], in_use: true, ..Look::default() };
        let wrong = [(RECORD_SILENT, "record".to_owned())].into();
        self.book.step(look, now);
        self.mender.look(&mut self.book, Use::Silent, &wrong, now).1
    }

    /// Until a step is due; those before it are done and do not help.
    fn until(&mut self, what: Repair) -> Option<Order> {
        for _ in 0..3600 {
            let Some(order) = self.look() else { continue };
            if order.what == what {
                return Some(order);
            }
            let fault = order.fault;
            self.mender.hand_over(&mut self.book, order, true);
            self.orders.try_recv().unwrap();
            self.reports.try_send(Report { fault, outcome: Outcome::Done }).unwrap();
        }
        None
    }

    fn outcome(&self) -> Option<Outcome> {
        Some(self.book.open()[0].tried.last()?.outcome)
    }
}

#[test]
fn a_reboot_that_cannot_be_written_down_is_not_done() {
    let mut bench = bench(true);
    let reboot = bench.until(Repair::Reboot).unwrap();
    let change = bench.mender.hand_over(&mut bench.book, reboot, false);
    assert!(matches!(change, Some(Change::Tried(_))), "{change:?}");
    assert_eq!(bench.outcome(), Some(Outcome::Failed));
    assert!(bench.orders.try_recv().is_err());
}

#[test]
fn a_gentle_step_is_done_on_a_disk_that_takes_nothing() {
    let mut bench = bench(true);
    let order = bench.until(Repair::NextEncoder).unwrap();
    assert_eq!(bench.mender.hand_over(&mut bench.book, order.clone(), false), None);
    assert_eq!((bench.orders.try_recv(), bench.outcome()), (Ok(order), Some(Outcome::Running)));
}

#[test]
fn a_box_that_has_lost_what_it_knew_never_ends_itself() {
    let mut bench = bench(false);
    assert_eq!(bench.until(Repair::RestartDaemon), None);
    assert_eq!(bench.book.open()[0].tried.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_is_skipped_and_what_does_not_end_is_told() {
    let ((orders, mut orders_rx), (reports_tx, mut reports)) = (mpsc::channel(3), mpsc::channel(3));
    for (fault, what) in [(1, Repair::RestartSource), (2, Repair::Replug), (3, Repair::RestartDaemon)] {
        orders.try_send(Order { fault, what, unit: "camera".to_owned() }).unwrap();
    }
    drop(orders);
    run(Arc::new(Able), &mut orders_rx, reports_tx).await;
    let mut told = Vec::new();
    while let Some(Report { fault, outcome }) = reports.recv().await {
        told.push((fault, outcome));
    }
    assert_eq!(told, [(1, Outcome::Done), (2, Outcome::Skipped), (3, Outcome::Failed)]);
}
