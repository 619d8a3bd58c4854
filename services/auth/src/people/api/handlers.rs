//! Decode, call, encode.

use demeter_db::Listing;
use demeter_proto::auth::v1 as pb;
use demeter_proto::auth::v1::user_service_server::UserService;
use tonic::{Request, Response, Status};

use crate::database::Page;
use crate::error::Error;
use crate::people::api::{Api, actor, convert};

#[tonic::async_trait]
impl UserService for Api {
    async fn create_user(
        &self,
        request: Request<pb::CreateUserRequest>,
    ) -> Result<Response<pb::CreateUserResponse>, Status> {
        let by = actor(&request)?;
        let (new, password) = convert::new_user(request.into_inner())?;
        let user = self.people.add_for(by, new, password).await?;
        Ok(Response::new(pb::CreateUserResponse {
            user: Some(user.into()),
        }))
    }

    async fn list_users(
        &self,
        request: Request<pb::ListUsersRequest>,
    ) -> Result<Response<pb::ListUsersResponse>, Status> {
        let by = actor(&request)?;
        let pb::ListUsersRequest {
            page_size,
            page_token,
        } = request.into_inner();
        let paging = Listing::new("users", &()).paging(page_size, &page_token);
        let paging = paging.map_err(Error::from)?;
        let Page { items, next_token } = self.people.list(by, &paging).await?;
        Ok(Response::new(pb::ListUsersResponse {
            users: items.into_iter().map(pb::User::from).collect(),
            next_page_token: next_token,
        }))
    }

    async fn update_user(
        &self,
        request: Request<pb::UpdateUserRequest>,
    ) -> Result<Response<pb::UpdateUserResponse>, Status> {
        let by = actor(&request)?;
        let (id, change) = convert::user_change(request.into_inner())?;
        let user = self.people.change(by, id, change).await?;
        Ok(Response::new(pb::UpdateUserResponse {
            user: Some(user.into()),
        }))
    }
}
