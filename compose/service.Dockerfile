# One image for every service: `demeter`, `auth`, `stock`, `photo`, `inference`.
FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY . .
RUN cargo build --release --workspace --bins

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* && useradd --uid 1000 --create-home demeter
COPY --from=build /src/target/release/demeter /src/target/release/auth /src/target/release/stock \
    /src/target/release/photo /src/target/release/inference /usr/local/bin/
USER 1000
ENTRYPOINT ["demeter"]
