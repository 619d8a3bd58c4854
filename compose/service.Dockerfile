# One image for every service: `demeter`, `auth`, `stock`, `photo`, `inference`.
# Both bases by the digest of their list of images, one for each kind of machine.
FROM rust:1.95-bookworm@sha256:6258907abe69656e41cd992e0b705cdcfabcbbe3db374f92ed2d47121282d4a1 AS build
WORKDIR /src
COPY . .
RUN cargo build --release --locked --workspace --bins

FROM debian:bookworm-slim@sha256:7b140f374b289a7c2befc338f42ebe6441b7ea838a042bbd5acbfca6ec875818
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* && useradd --uid 1000 --create-home demeter
COPY --from=build /src/target/release/demeter /src/target/release/auth /src/target/release/stock \
    /src/target/release/photo /src/target/release/inference /usr/local/bin/
USER 1000
ENTRYPOINT ["demeter"]
