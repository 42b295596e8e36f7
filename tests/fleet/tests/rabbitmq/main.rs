//! The box at RabbitMQ, and what RabbitMQ does otherwise than mosquitto. Started
//! by `make test-rabbitmq`, which installs it; `make test` leaves this out.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod classroom;
mod cluster;
mod one_node;
mod relay;
