// @ts-check
// On the page of duty: draws anew when a test alert has come or should have.
"use strict";

(() => {
  // A little more than the server waits before it says that a test alert has not arrived.
  const ARRIVES_WITHIN_MS = 16_000;
  // After a device has said that it came, the answer is there.
  const SOON_MS = 300;

  function drawAnew() {
    const region = document.getElementById("duty");
    if (region === null || region.querySelector("details[open] form")) return;
    window["htmx"].ajax("GET", "/parts/duty", { target: region, source: region, swap: "innerMorph" });
  }

  document.addEventListener("livsrytme:notification", () => setTimeout(drawAnew, SOON_MS));
  if (document.querySelector("[data-unproven]")) setTimeout(drawAnew, ARRIVES_WITHIN_MS);
})();
