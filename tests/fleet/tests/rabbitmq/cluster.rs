//! A cluster: what one node is told another hands on, and boxes go on when a node
//! dies.

use lectern_fleet::platform::kept;
use lectern_fleet::{Platform, RabbitMq, eventually, folder};
use serde_json::json;

use crate::classroom::{Classroom, HEALTH, LIMIT, ear, hears, hears_every_event};
use crate::relay::Relay;

#[test]
#[ignore = "needs RabbitMQ: make test-rabbitmq"]
fn of_three_nodes_one_may_die_and_what_is_kept_is_each_nodes_own() {
    let mut cluster = RabbitMq::start(3).unwrap();
    let ports: Vec<u16> = cluster.nodes.iter().map(|node| node.port).collect();
    let folder = folder::temporary("outbox");
    // The platform is at the node that will stay.
    let platform = Platform::listen(&ear(ports[2], "te/#", "platform")).unwrap();
    let classroom = Classroom::at(Relay::before(ports.clone()).port, folder.path());
    hears(&platform, HEALTH, |health| health == "up");
    classroom.tell(20);
    hears_every_event(&platform, &classroom);
    let kept_at = |node: usize| kept(&ear(ports[node], HEALTH, "late")).unwrap();
    assert_eq!(kept_at(0).get(HEALTH), Some(&json!("up")));
    assert_eq!(kept_at(1).len(), 0, "what node 0 keeps, node 1 does not know");
    cluster.nodes[0].kill();
    eventually("the box noticed", LIMIT, || (!classroom.member.is_up()).then_some(()));
    classroom.tell(20);
    classroom.wait_until_up();
    hears_every_event(&platform, &classroom);
    eventually("the next node keeps the birth", LIMIT, || {
        (kept_at(1).get(HEALTH) == Some(&json!("up"))).then_some(())
    });
}

#[test]
#[ignore = "needs RabbitMQ: make test-rabbitmq"]
fn of_two_nodes_one_may_die() {
    let mut cluster = RabbitMq::start(2).unwrap();
    let ports: Vec<u16> = cluster.nodes.iter().map(|node| node.port).collect();
    let folder = folder::temporary("outbox");
    let platform = Platform::listen(&ear(ports[1], "te/#", "platform")).unwrap();
    let classroom = Classroom::at(Relay::before(ports.clone()).port, folder.path());
    hears(&platform, HEALTH, |health| health == "up");
    cluster.nodes[0].kill();
    eventually("the box noticed", LIMIT, || (!classroom.member.is_up()).then_some(()));
    classroom.tell(5);
    hears_every_event(&platform, &classroom);
    // And the box does not mind when the other one is back.
    cluster.nodes[0].launch();
    classroom.tell(5);
    hears_every_event(&platform, &classroom);
}
