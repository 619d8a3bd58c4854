// Swagger UI on this gateway's own document. Sign in with SessionService_Login,
// then paste the access_token under "Authorize".
window.onload = () => {
  window.ui = SwaggerUIBundle({
    url: "/openapi.json",
    dom_id: "#swagger-ui",
    presets: [SwaggerUIBundle.presets.apis],
    layout: "BaseLayout",
    deepLinking: true,
    filter: true,
    persistAuthorization: false,
    validatorUrl: null,
  });
};
