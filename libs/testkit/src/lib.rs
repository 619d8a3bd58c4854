//! For tests: a database per test, gRPC in process, a frozen clock; and the tidy test.
