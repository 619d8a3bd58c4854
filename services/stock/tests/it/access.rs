//! Who gets in: no identity, no entry; each RPC asks for its right.

use demeter_proto::stock::v1 as pb;
use tonic::{Code, Request, Status};
use tonic_types::StatusExt as _;

use crate::harness::everywhere;

#[tokio::test]
async fn a_call_without_identity_is_refused() {
    for stock in everywhere().await {
        let refused = stock
            .batches()
            .list_batches(Request::new(pb::ListBatchesRequest::default()))
            .await
            .unwrap_err();

        assert_eq!(refused.code(), Code::Unauthenticated);
        stock.stop().await;
    }
}

/// What a refusal says: its code, its reason and the right that is missing.
type Said = (Code, String, Option<String>);

fn said(status: &Status) -> Said {
    let info = status.get_details_error_info().unwrap();
    let right = info.metadata.get("permission").cloned();
    (status.code(), info.reason, right)
}

fn lacks(right: &str) -> Said {
    (
        Code::PermissionDenied,
        "PERMISSION_MISSING".to_owned(),
        Some(right.to_owned()),
    )
}

#[tokio::test]
async fn each_role_may_do_what_its_rights_say() {
    for stock in everywhere().await {
        let bed = stock.given_a_bed().await;
        let (viewer, worker, admin) = (
            ["stock:read"].as_slice(),
            ["stock:read", "stock:write"].as_slice(),
            crate::harness::RIGHTS.as_slice(),
        );
        for (rights, writes, configures) in [
            (viewer, false, false),
            (worker, true, false),
            (admin, true, true),
        ] {
            let read = stock.as_user(pb::ListWarehousesRequest::default(), rights);
            let write = stock.as_user(stock.a_batch(bed, 1), rights);
            let category = pb::CreateProductCategoryRequest {
                code: format!("C{}", rights.len()) + "_X",
                name: "x".into(),
            };
            let configure = stock.as_user(category, rights);

            assert!(stock.locations().list_warehouses(read).await.is_ok());
            let written = stock.batches().create_batch(write).await.map(|_| ());
            let configured = stock
                .catalog()
                .create_product_category(configure)
                .await
                .map(|_| ());
            for (outcome, allowed, right) in [
                (written, writes, "stock:write"),
                (configured, configures, "config:write"),
            ] {
                let expected = if allowed { Ok(()) } else { Err(lacks(right)) };
                assert_eq!(
                    outcome.map_err(|status| said(&status)),
                    expected,
                    "{rights:?}"
                );
            }
        }
        let nobody = stock.as_user(pb::ListWarehousesRequest::default(), &[]);
        assert_eq!(
            stock
                .locations()
                .list_warehouses(nobody)
                .await
                .unwrap_err()
                .code(),
            Code::PermissionDenied
        );
        stock.stop().await;
    }
}

#[tokio::test]
async fn only_a_service_posts_photo_counts() {
    for stock in everywhere().await {
        let bed = stock.given_a_bed().await;
        let count = crate::ledger::photo_counts::a_count(&stock, bed, 5, 0);

        let user = stock
            .movements()
            .post_photo_count(stock.as_user(count.clone(), &["stock:write"]))
            .await;
        let service = stock
            .movements()
            .post_photo_count(stock.as_service(count, &["stock:write"]))
            .await;

        assert_eq!(user.unwrap_err().code(), Code::PermissionDenied);
        assert!(service.is_ok());
        stock.stop().await;
    }
}
