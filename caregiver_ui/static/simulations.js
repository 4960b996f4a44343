// @ts-check
// Keeps a tester's page of simulated homes true: fetches a part when its home has told something new. The plan follows
// at once, the rest a little slower; where nothing is told for a while, it looks once whether that is still so.
"use strict";

(() => {
  const QUICK_MS = 400;
  const SLOW_MS = 1_500;
  // A simulator that has ended tells nothing, and the page must come to say so.
  const SILENCE_MS = 8_000;

  /** @type {WeakMap<Element, {askedAt: number, isAsking: boolean, isStale: boolean}>} */
  const states = new WeakMap();

  function stateOf(/** @type {Element} */ part) {
    let state = states.get(part);
    if (!state) states.set(part, (state = { askedAt: -Infinity, isAsking: false, isStale: false }));
    return state;
  }

  const parts = () => document.querySelectorAll("[data-simulation]");
  /** What lies in a closed table need not be fetched. @param {Element} part */
  const isSeen = (part) => part instanceof HTMLElement && part.offsetParent !== null;

  async function draw(/** @type {Element} */ part) {
    const state = stateOf(part);
    Object.assign(state, { askedAt: performance.now(), isAsking: true, isStale: false });
    try {
      await window["htmx"].ajax("GET", part.getAttribute("data-simulation"), { target: part, source: part, swap: "innerMorph" });
    } finally {
      state.isAsking = false;
    }
  }

  function tick() {
    if (document.visibilityState !== "visible") return;
    const now = performance.now();
    for (const part of parts()) {
      const state = stateOf(part);
      const pace = part.getAttribute("data-pace") === "slow" ? SLOW_MS : QUICK_MS;
      const isDue = state.isStale ? now - state.askedAt >= pace : now - state.askedAt >= SILENCE_MS;
      if (isDue && !state.isAsking && isSeen(part)) void draw(part);
    }
  }

  document.addEventListener("livsrytme:simulation", (event) => {
    const home = event instanceof CustomEvent ? event.detail : "";
    for (const part of parts()) {
      if ([null, home].includes(part.getAttribute("data-home"))) stateOf(part).isStale = true;
    }
    tick();
  });
  // What was pressed is answered by the simulator a moment later.
  document.addEventListener("toggle", () => parts().forEach((part) => { stateOf(part).isStale = true; }), true);
  for (const part of parts()) stateOf(part).askedAt = performance.now();
  setInterval(tick, 200);
})();
