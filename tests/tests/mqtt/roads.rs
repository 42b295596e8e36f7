//! Every way to the broker: TLS with a certificate of either side, WebSocket on
//! it, through a proxy.

use lectern_archive::store::Proxy;
use lectern_mqtt::link::Broker as Address;
use lectern_tests::broker::Memory;
use lectern_tests::{Broker, Ear, Gate, eventually};

use crate::speaker::{LIMIT, Speaker, broker, settings};

/// Speaks by this road, and is heard.
fn is_heard(server: &Broker, address: Address) {
    let folder = lectern_tests::folder::temporary("outbox");
    let ear = Ear::at(server.plain_port(), "ear");
    let speaker = Speaker::start(settings(address), folder.path());
    speaker.tell(7);
    eventually("an event is heard", LIMIT, || {
        ear.said().iter().any(|said| said.payload["number"] == 7).then_some(())
    });
    speaker.wait_until_all_is_said();
}

/// Why there is no connection by this road.
fn refusal(address: Address) -> String {
    let folder = lectern_tests::folder::temporary("outbox");
    let speaker = Speaker::start(settings(address), folder.path());
    eventually("a cause", LIMIT, || speaker.state.borrow().cause.clone())
}

#[test]
fn tls_with_a_private_authority_and_a_certificate_of_the_box() {
    let server = Broker::start(Memory::Lost);
    let url = format!("mqtts://127.0.0.1:{}", server.tls_port());
    let known = Address { ca: Some(server.authority()), ..broker(&url) };
    let both = Address { client_certificate: Some(server.client_certificate()), ..known.clone() };
    is_heard(&server, both);
    let stranger = refusal(broker(&url));
    assert!(stranger.contains("TLS with the broker") && stranger.contains("`ca`"), "{stranger}");
    let without = refusal(known);
    assert!(without.contains("127.0.0.1") || without.contains("closed"), "{without}");
    let missing = refusal(Address { ca: Some("/nowhere/ca.pem".into()), ..broker(&url) });
    assert!(missing.contains("/nowhere/ca.pem"), "{missing}");
}

#[test]
fn web_socket_over_tls_through_a_proxy() {
    let server = Broker::start(Memory::Lost);
    let gate = Gate::open();
    let url = format!("wss://127.0.0.1:{}/mqtt", server.web_socket_port());
    let address = Address { ca: Some(server.authority()), ..broker(&url) };
    is_heard(&server, address.clone());
    assert_eq!(gate.asked(), Vec::<String>::new());
    is_heard(&server, Address { proxy: Proxy::Url(gate.url()), ..address });
    assert_eq!(gate.asked(), [format!("127.0.0.1:{}", server.web_socket_port())]);
}

#[test]
fn tls_through_a_proxy() {
    let server = Broker::start(Memory::Lost);
    let gate = Gate::open();
    let address = Address {
        ca: Some(server.authority()),
        client_certificate: Some(server.client_certificate()),
        proxy: Proxy::Url(gate.url()),
        ..broker(&format!("mqtts://127.0.0.1:{}", server.tls_port()))
    };
    is_heard(&server, address);
    assert_eq!(gate.asked(), [format!("127.0.0.1:{}", server.tls_port())]);
}

#[test]
fn what_answers_and_is_no_broker_is_told() {
    let server = Broker::start(Memory::Lost);
    let plain_where_tls_is = refusal(broker(&format!("mqtt://127.0.0.1:{}", server.tls_port())));
    assert!(plain_where_tls_is.contains("broker"), "{plain_where_tls_is}");
    let nobody = refusal(broker(&format!("mqtt://127.0.0.1:{}", lectern_tests::ports::tcp())));
    assert!(nobody.contains("does not answer"), "{nobody}");
    let proxy = Address {
        proxy: Proxy::Url(format!("http://127.0.0.1:{}", lectern_tests::ports::tcp())),
        ..broker("mqtts://127.0.0.1:8883")
    };
    let no_proxy = refusal(proxy);
    assert!(no_proxy.contains("the proxy 127.0.0.1"), "{no_proxy}");
}
