//! Calls of any RPC by its name, with an empty message.

use std::time::Duration;

use demeter_grpc::Channel;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::{Code, Request, Status};

/// Messages that nobody looks into.
#[derive(Default)]
struct Nothing;

impl Codec for Nothing {
    type Encode = ();
    type Decode = ();
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self::Encoder {
        Self
    }

    fn decoder(&mut self) -> Self::Decoder {
        Self
    }
}

impl Encoder for Nothing {
    type Item = ();
    type Error = Status;

    fn encode(&mut self, (): (), _: &mut EncodeBuf<'_>) -> Result<(), Status> {
        Ok(())
    }
}

impl Decoder for Nothing {
    type Item = ();
    type Error = Status;

    fn decode(&mut self, source: &mut DecodeBuf<'_>) -> Result<Option<()>, Status> {
        use prost::bytes::Buf as _;
        source.advance(source.remaining());
        Ok(Some(()))
    }
}

/// How an RPC answers an empty message that comes with this header.
pub(crate) async fn call(
    channel: &Channel,
    rpc: &str,
    header: Option<(&'static str, &str)>,
) -> Code {
    let mut client = tonic::client::Grpc::new(channel.clone());
    client.ready().await.unwrap();
    let mut request = Request::new(());
    request.set_timeout(Duration::from_secs(10));
    if let Some((name, value)) = header {
        request.metadata_mut().insert(name, value.parse().unwrap());
    }
    let path = rpc.parse().unwrap();
    // An answer that fails on its way fails when its messages are read.
    let answered = client.server_streaming(request, path, Nothing).await;
    let outcome = match answered {
        Ok(answer) => answer.into_inner().message().await.map(|_| ()),
        Err(status) => Err(status),
    };
    outcome.map_or_else(|status| status.code(), |()| Code::Ok)
}
