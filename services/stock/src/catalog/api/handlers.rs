//! The catalogue over gRPC.

use demeter_proto::stock::v1 as pb;
use pb::catalog_service_server::CatalogService;
use tonic::{Request, Response, Status, async_trait};

use super::Api;
use crate::error::Error;
use crate::grpc::fields::above_zero;
use crate::grpc::listing::Listing;
use crate::ids::{CategoryId, FamilyId};

#[async_trait]
impl CatalogService for Api {
    async fn list_product_categories(
        &self,
        request: Request<pb::ListProductCategoriesRequest>,
    ) -> Result<Response<pb::ListProductCategoriesResponse>, Status> {
        let pb::ListProductCategoriesRequest {
            page_size,
            page_token,
        } = request.into_inner();
        let listing = Listing::new("categories", &());
        let paging = listing
            .paging(page_size, &page_token)
            .map_err(Error::from)?;
        let page = self.catalog.store().list_categories(&paging).await?;
        let next_page_token = listing.next(&page);
        let product_categories = page.items.into_iter().map(Into::into).collect();
        Ok(Response::new(pb::ListProductCategoriesResponse {
            product_categories,
            next_page_token,
        }))
    }

    async fn list_product_families(
        &self,
        request: Request<pb::ListProductFamiliesRequest>,
    ) -> Result<Response<pb::ListProductFamiliesResponse>, Status> {
        let pb::ListProductFamiliesRequest {
            page_size,
            page_token,
            product_category_id,
        } = request.into_inner();
        let filter = above_zero(product_category_id, CategoryId);
        let listing = Listing::new("families", &filter);
        let paging = listing
            .paging(page_size, &page_token)
            .map_err(Error::from)?;
        let page = self.catalog.store().list_families(filter, &paging).await?;
        let next_page_token = listing.next(&page);
        let product_families = page.items.into_iter().map(Into::into).collect();
        Ok(Response::new(pb::ListProductFamiliesResponse {
            product_families,
            next_page_token,
        }))
    }

    async fn list_products(
        &self,
        request: Request<pb::ListProductsRequest>,
    ) -> Result<Response<pb::ListProductsResponse>, Status> {
        let pb::ListProductsRequest {
            page_size,
            page_token,
            product_family_id,
            product_category_id,
        } = request.into_inner();
        let filter = (
            above_zero(product_family_id, FamilyId),
            above_zero(product_category_id, CategoryId),
        );
        let listing = Listing::new("products", &filter);
        let paging = listing
            .paging(page_size, &page_token)
            .map_err(Error::from)?;
        let page = self.catalog.store().list_products(filter, &paging).await?;
        let next_page_token = listing.next(&page);
        let products = page.items.into_iter().map(Into::into).collect();
        Ok(Response::new(pb::ListProductsResponse {
            products,
            next_page_token,
        }))
    }

    async fn list_product_states(
        &self,
        request: Request<pb::ListProductStatesRequest>,
    ) -> Result<Response<pb::ListProductStatesResponse>, Status> {
        let pb::ListProductStatesRequest {
            page_size,
            page_token,
        } = request.into_inner();
        let listing = Listing::new("states", &());
        let paging = listing
            .paging(page_size, &page_token)
            .map_err(Error::from)?;
        let page = self.catalog.store().list_states(&paging).await?;
        let next_page_token = listing.next(&page);
        let product_states = page.items.into_iter().map(Into::into).collect();
        Ok(Response::new(pb::ListProductStatesResponse {
            product_states,
            next_page_token,
        }))
    }

    async fn list_product_sizes(
        &self,
        request: Request<pb::ListProductSizesRequest>,
    ) -> Result<Response<pb::ListProductSizesResponse>, Status> {
        let pb::ListProductSizesRequest {
            page_size,
            page_token,
        } = request.into_inner();
        let listing = Listing::new("sizes", &());
        let paging = listing
            .paging(page_size, &page_token)
            .map_err(Error::from)?;
        let page = self.catalog.store().list_sizes(&paging).await?;
        let next_page_token = listing.next(&page);
        let product_sizes = page.items.into_iter().map(Into::into).collect();
        Ok(Response::new(pb::ListProductSizesResponse {
            product_sizes,
            next_page_token,
        }))
    }

    async fn list_packagings(
        &self,
        request: Request<pb::ListPackagingsRequest>,
    ) -> Result<Response<pb::ListPackagingsResponse>, Status> {
        let pb::ListPackagingsRequest {
            page_size,
            page_token,
        } = request.into_inner();
        let listing = Listing::new("packagings", &());
        let paging = listing
            .paging(page_size, &page_token)
            .map_err(Error::from)?;
        let page = self.catalog.store().list_packagings(&paging).await?;
        let next_page_token = listing.next(&page);
        let packagings = page.items.into_iter().map(Into::into).collect();
        Ok(Response::new(pb::ListPackagingsResponse {
            packagings,
            next_page_token,
        }))
    }

    async fn list_prices(
        &self,
        request: Request<pb::ListPricesRequest>,
    ) -> Result<Response<pb::ListPricesResponse>, Status> {
        let pb::ListPricesRequest {
            page_size,
            page_token,
        } = request.into_inner();
        let listing = Listing::new("prices", &());
        let paging = listing
            .paging(page_size, &page_token)
            .map_err(Error::from)?;
        let page = self.catalog.store().list_prices(&paging).await?;
        let next_page_token = listing.next(&page);
        let prices = page.items.into_iter().map(Into::into).collect();
        Ok(Response::new(pb::ListPricesResponse {
            prices,
            next_page_token,
        }))
    }

    async fn create_product_category(
        &self,
        request: Request<pb::CreateProductCategoryRequest>,
    ) -> Result<Response<pb::CreateProductCategoryResponse>, Status> {
        let pb::CreateProductCategoryRequest { code, name } = request.into_inner();
        let outcome = self.catalog.create_category(&code, &name).await;
        let category = self.operations.count("create_product_category", outcome)?;
        Ok(Response::new(pb::CreateProductCategoryResponse {
            product_category: Some(category.into()),
        }))
    }

    async fn create_product_family(
        &self,
        request: Request<pb::CreateProductFamilyRequest>,
    ) -> Result<Response<pb::CreateProductFamilyResponse>, Status> {
        let pb::CreateProductFamilyRequest {
            product_category_id,
            name,
            scientific_name,
        } = request.into_inner();
        let category = CategoryId(product_category_id);
        let outcome = self
            .catalog
            .create_family(category, &name, &scientific_name)
            .await;
        let family = self.operations.count("create_product_family", outcome)?;
        Ok(Response::new(pb::CreateProductFamilyResponse {
            product_family: Some(family.into()),
        }))
    }

    async fn create_product(
        &self,
        request: Request<pb::CreateProductRequest>,
    ) -> Result<Response<pb::CreateProductResponse>, Status> {
        let outcome = self
            .catalog
            .create_product(request.into_inner().into())
            .await;
        let product = self.operations.count("create_product", outcome)?;
        Ok(Response::new(pb::CreateProductResponse {
            product: Some(product.into()),
        }))
    }

    async fn create_packaging(
        &self,
        request: Request<pb::CreatePackagingRequest>,
    ) -> Result<Response<pb::CreatePackagingResponse>, Status> {
        let outcome = self
            .catalog
            .create_packaging(request.into_inner().into())
            .await;
        let packaging = self.operations.count("create_packaging", outcome)?;
        Ok(Response::new(pb::CreatePackagingResponse {
            packaging: Some(packaging.into()),
        }))
    }

    async fn create_price(
        &self,
        request: Request<pb::CreatePriceRequest>,
    ) -> Result<Response<pb::CreatePriceResponse>, Status> {
        let outcome = self.catalog.create_price(request.into_inner().into()).await;
        let price = self.operations.count("create_price", outcome)?;
        Ok(Response::new(pb::CreatePriceResponse {
            price: Some(price.into()),
        }))
    }
}
