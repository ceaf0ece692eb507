// The API's own description, drawn by Swagger UI from files served here.
"use strict";
window.SwaggerUIBundle({ url: "/openapi.json", dom_id: "#docs", deepLinking: true, validatorUrl: null });
