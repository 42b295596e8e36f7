//! Real brokers on this machine.

mod mosquitto;
mod rabbitmq;

pub use mosquitto::Mosquitto;
pub use rabbitmq::{Node, RabbitMq};
