// Shows the API's own description; nothing is validated or fetched elsewhere.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const place = document.getElementById("api-docs");
  SwaggerUIBundle({
    url: new URL(place.dataset.source).pathname + new URL(place.dataset.source).search,
    domNode: place,
    validatorUrl: null,
    docExpansion: "list",
    defaultModelsExpandDepth: 0,
    syntaxHighlight: false,
    onComplete: () => { place.dataset.ready = "yes"; },
  });
});
