//! `CatalogService`.

use demeter_proto::stock::v1 as pb;
use pb::catalog_service_server::CatalogService;
use tonic::{Request, Response, Status, async_trait};

use super::Api;
use crate::catalog::store::products::ProductFilter;
use crate::catalog::store::{categories, families, kinds, packagings, prices, products};
use crate::grpc::fields::above_zero;
use crate::grpc::listing::{listed, paging};
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
        let paging = paging("categories", &(), page_size, &page_token)?;
        let page = categories::list(self.catalog.connection(), &paging).await;
        let (product_categories, next_page_token) = listed(page)?;
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
        let of = above_zero(product_category_id, CategoryId);
        let paging = paging("families", &of, page_size, &page_token)?;
        let page = families::list(self.catalog.connection(), of, &paging).await;
        let (product_families, next_page_token) = listed(page)?;
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
        let filter = ProductFilter {
            family: above_zero(product_family_id, FamilyId),
            category: above_zero(product_category_id, CategoryId),
        };
        let paging = paging("products", &filter, page_size, &page_token)?;
        let page = products::list(self.catalog.connection(), filter, &paging).await;
        let (products, next_page_token) = listed(page)?;
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
        let paging = paging("states", &(), page_size, &page_token)?;
        let page = kinds::list_states(self.catalog.connection(), &paging).await;
        let (product_states, next_page_token) = listed(page)?;
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
        let paging = paging("sizes", &(), page_size, &page_token)?;
        let page = kinds::list_sizes(self.catalog.connection(), &paging).await;
        let (product_sizes, next_page_token) = listed(page)?;
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
        let paging = paging("packagings", &(), page_size, &page_token)?;
        let page = packagings::list(self.catalog.connection(), &paging).await;
        let (packagings, next_page_token) = listed(page)?;
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
        let paging = paging("prices", &(), page_size, &page_token)?;
        let page = prices::list(self.catalog.connection(), &paging).await;
        let (prices, next_page_token) = listed(page)?;
        Ok(Response::new(pb::ListPricesResponse {
            prices,
            next_page_token,
        }))
    }

    async fn create_product_category(
        &self,
        request: Request<pb::CreateProductCategoryRequest>,
    ) -> Result<Response<pb::CreateProductCategoryResponse>, Status> {
        let command = request.into_inner().into();
        let outcome = self.catalog.create_category(&command).await;
        let product_category = self.operations.count("create_product_category", outcome)?;
        Ok(Response::new(pb::CreateProductCategoryResponse {
            product_category: Some(product_category.into()),
        }))
    }

    async fn create_product_family(
        &self,
        request: Request<pb::CreateProductFamilyRequest>,
    ) -> Result<Response<pb::CreateProductFamilyResponse>, Status> {
        let command = request.into_inner().into();
        let outcome = self.catalog.create_family(&command).await;
        let product_family = self.operations.count("create_product_family", outcome)?;
        Ok(Response::new(pb::CreateProductFamilyResponse {
            product_family: Some(product_family.into()),
        }))
    }

    async fn create_product(
        &self,
        request: Request<pb::CreateProductRequest>,
    ) -> Result<Response<pb::CreateProductResponse>, Status> {
        let command = request.into_inner().into();
        let outcome = self.catalog.create_product(&command).await;
        let product = self.operations.count("create_product", outcome)?;
        Ok(Response::new(pb::CreateProductResponse {
            product: Some(product.into()),
        }))
    }

    async fn create_packaging(
        &self,
        request: Request<pb::CreatePackagingRequest>,
    ) -> Result<Response<pb::CreatePackagingResponse>, Status> {
        let command = request.into_inner().into();
        let outcome = self.catalog.create_packaging(&command).await;
        let packaging = self.operations.count("create_packaging", outcome)?;
        Ok(Response::new(pb::CreatePackagingResponse {
            packaging: Some(packaging.into()),
        }))
    }

    async fn create_price(
        &self,
        request: Request<pb::CreatePriceRequest>,
    ) -> Result<Response<pb::CreatePriceResponse>, Status> {
        let command = request.into_inner().into();
        let outcome = self.catalog.create_price(&command).await;
        let price = self.operations.count("create_price", outcome)?;
        Ok(Response::new(pb::CreatePriceResponse {
            price: Some(price.into()),
        }))
    }
}
