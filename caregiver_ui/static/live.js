// @ts-check
// Keeps an open page true: listens to the server's stream, fetches what changed, and says so when the stream is silent.
// Nothing under a thumb is ever moved by it: what is new waits outside the list until the page is at rest.
(() => {
  "use strict";

  // The server beats every 8 s; two beats may be lost before the page stops claiming to be connected.
  const SILENCE_MS = 20_000;
  // The page is at rest when nobody has touched it for this long, counted from the news at the earliest.
  const REST_MS = 2_000;
  // After this long untouched, at the top of the page, nobody's thumb is near: new cards may push the old ones down.
  const UNATTENDED_MS = 10_000;
  // "3 minutes ago" must not stand still.
  const AGE_MS = 60_000;
  const RECONNECT_MS = 5_000;

  const page = document.documentElement;
  const body = document.body;
  const news = document.getElementById("news");

  let heardAt = performance.now();
  let triedAt = heardAt;
  let touchedAt = -Infinity;
  let pointerAt = "";
  let newsAsked = 0;
  /** When regions may be drawn anew; null when nothing waits. @type {number | null} */
  let dueAt = null;
  /** @type {EventSource | null} */
  let stream = null;

  const words = (/** @type {string | undefined} */ text) => (text || "").split(" ").filter(Boolean);
  const cardOf = (/** @type {string} */ id) => document.getElementById(`alert-${id}`);
  const shownOf = (/** @type {string} */ id) => document.querySelector(`article[data-alert="${CSS.escape(id)}"]`);

  // ---- contact ----

  function warn(/** @type {boolean} */ isShown) {
    const note = document.querySelector(".offline-note");
    if (note instanceof HTMLElement) note.hidden = !isShown;
  }

  function setLink(/** @type {"online" | "offline"} */ state) {
    if (page.dataset.link === state) return;
    page.dataset.link = state;
    for (const button of document.querySelectorAll("button[data-needs-link]")) {
      button.toggleAttribute("disabled", state === "offline");
    }
  }

  function connect() {
    stream?.close();
    triedAt = performance.now();
    stream = new EventSource(body.dataset.liveStream || "/live");
    stream.addEventListener("open", () => { heard(); changed(); });
    stream.addEventListener("beat", heard);
    stream.addEventListener("change", (event) => { heard(); sayThatItCame(JSON.parse(event.data)); changed(); });
    // Only a tester's pages hear of these, several times a second: simulations.js draws what they are about.
    stream.addEventListener("simulation", (event) => {
      heard();
      document.dispatchEvent(new CustomEvent("livsrytme:simulation", { detail: JSON.parse(event.data).id }));
    });
  }

  function heard() {
    // A page that was kept on the device is of the past: there is contact again, so it is fetched.
    if (page.hasAttribute("data-saved")) return location.reload();
    heardAt = performance.now();
    warn(false);
    setLink("online");
  }

  /** A message that is meant for this person has come: the server may not believe so until a device says it.
   * @param {{what: string, id: string}} change */
  async function sayThatItCame(change) {
    if (change.what !== "notification") return;
    try {
      await fetch(`/api/notifications/${encodeURIComponent(change.id)}/received`, { method: "POST", keepalive: true });
      document.dispatchEvent(new CustomEvent("livsrytme:notification"));
    } catch {
      // Not reachable: the next channel follows.
    }
  }

  // ---- what changed ----

  async function changed() {
    document.dispatchEvent(new Event("livsrytme:change"));
    if (news !== null && body.dataset.news) await showNews();
    plan();
  }

  function plan() {
    dueAt = performance.now() + REST_MS;
  }

  async function showNews() {
    const shown = [...document.querySelectorAll("[data-alert]")].map((card) => card.getAttribute("data-alert"));
    const seen = [...new Set([...words(body.dataset.seen), ...shown])].join(" ");
    newsAsked += 1;
    const question = newsAsked;
    try {
      const answer = await fetch(`${body.dataset.news}?seen=${encodeURIComponent(seen)}`, { headers: { "HX-Request": "true" } });
      // A later question may have been answered before this one.
      if (!answer.ok || question !== newsAsked) return;
      const found = document.createElement("template");
      found.innerHTML = await answer.text();
      for (const gone of found.content.querySelectorAll("template[data-gone]")) markGone(gone);
      const fresh = found.content.querySelectorAll("[data-fresh]");
      const before = [...(news?.children || [])].map((item) => item.getAttribute("data-fresh")).join();
      if ([...fresh].map((item) => item.getAttribute("data-fresh")).join() !== before) news?.replaceChildren(...fresh);
      reportShown(fresh);
      // While the question was on its way the list may have been drawn anew.
      clearSeenNews();
      makeRoom();
    } catch {
      // Not reachable: the silence of the stream will say so.
    }
  }

  /** Somebody else took it: say so where the button was, at once, and let the card stand. @param {Element} gone */
  function markGone(gone) {
    const card = cardOf(gone.getAttribute("data-gone") || "");
    const form = card?.querySelector(".actions form");
    if (!card || !form || !(gone instanceof HTMLTemplateElement)) return;
    const height = form.getBoundingClientRect().height;
    const place = form.parentElement;
    form.replaceWith(gone.content.cloneNode(true));
    const told = place?.querySelector(".state");
    if (told instanceof HTMLElement) told.style.minHeight = `${height}px`;
  }

  /** @param {Iterable<Element>} items */
  function reportShown(items) {
    if (document.visibilityState !== "visible") return;
    const named = [...items].flatMap((item) => words(item.getAttribute("data-fresh") || item.getAttribute("data-alert") || ""));
    // A question about an alert one has is no new alert.
    const alerts = [...new Set(named)].filter((id) => !reported.has(id) && !id.includes(":"));
    if (alerts.length === 0) return;
    for (const id of alerts) reported.add(id);
    // All in one: twenty questions at once would stand in the way of whoever takes an alert on a slow line.
    fetch("/api/alerts/shown", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ alerts }),
      keepalive: true,
    }).catch(() => alerts.forEach((id) => reported.delete(id)));
  }
  /** @type {Set<string>} */
  const reported = new Set();

  // ---- drawing anew, at rest ----

  async function drawRegions() {
    dueAt = null;
    const list = document.getElementById("alert-list");
    const top = list?.getBoundingClientRect().top ?? 0;
    const anchor = firstVisible(list);
    const offset = anchor?.getBoundingClientRect().top ?? top;
    const unattended = performance.now() - touchedAt > UNATTENDED_MS && window.scrollY < 8;
    await Promise.all(
      [...document.querySelectorAll("[data-live]")].map((region) => {
        // An open form is somebody's work: it is left alone until it is sent.
        if (region.querySelector("details[open] form")) return null;
        return window["htmx"].ajax("GET", region.getAttribute("data-live"), { target: region, source: region, swap: "innerMorph" });
      }),
    );
    if (anchor?.isConnected && !unattended) window.scrollBy(0, anchor.getBoundingClientRect().top - offset);
    body.dataset.seen = [...new Set([...words(body.dataset.seen), ...words(document.getElementById("alert-list")?.dataset.open)])].join(" ");
    reportShown(document.querySelectorAll("[data-alert]:not([data-faded])"));
    clearSeenNews();
    makeRoom();
  }

  /** @param {HTMLElement | null} list */
  function firstVisible(list) {
    return [...(list?.children || [])].find((item) => item.id !== "no-alerts" && item.getBoundingClientRect().bottom > headerHeight());
  }

  function headerHeight() {
    return document.querySelector(".top")?.getBoundingClientRect().bottom ?? 0;
  }

  /** What has come into view in the list need not be told of outside it. */
  function clearSeenNews() {
    for (const item of [...(news?.children || [])]) {
      const cards = words(item.getAttribute("data-fresh") || "").map((id) => shownOf(id.replace("asked:", "")));
      const seen = cards.length > 0 && cards.every((card) => card !== null && isInView(card));
      if (seen) item.remove();
    }
  }

  /** The news lie over the page. The page steps aside for them where that moves nothing under a thumb. */
  function makeRoom() {
    if (news === null) return;
    const last = news.lastElementChild;
    const room = last === null ? 0 : last.getBoundingClientRect().bottom - news.getBoundingClientRect().top;
    const more = room - (parseFloat(page.style.getPropertyValue("--news-room")) || 0);
    const unattended = performance.now() - touchedAt > UNATTENDED_MS && window.scrollY < 8;
    const stepsAside = unattended || isFocusUnder(news);
    if (Math.abs(more) < 1 || (!stepsAside && window.scrollY < Math.max(8, -more))) return;
    page.style.setProperty("--news-room", `${room}px`);
    if (!stepsAside) window.scrollBy(0, more);
  }

  /** Whoever goes by keyboard sees where they are (WCAG 2.4.11). A thumb covers nothing it has just touched. @param {HTMLElement} news */
  function isFocusUnder(news) {
    const focus = document.activeElement;
    const last = news.lastElementChild;
    if (last === null || !focus?.matches("main :focus-visible")) return false;
    const box = focus.getBoundingClientRect();
    return box.bottom > news.getBoundingClientRect().top && box.top < last.getBoundingClientRect().bottom;
  }

  /** @param {Element} card */
  function isInView(card) {
    const box = card.getBoundingClientRect();
    return box.top >= headerHeight() - 4 && box.top + 60 < window.innerHeight;
  }

  // ---- the reader ----

  function touched(/** @type {Event} */ event) {
    if (event.type === "pointermove" && event instanceof PointerEvent && !hasMoved(event)) return;
    touchedAt = performance.now();
    if (dueAt !== null) dueAt = Math.max(dueAt, touchedAt + REST_MS);
  }

  /** A browser reports a pointer that lies still, too, when the page changes beneath it. @param {PointerEvent} event */
  function hasMoved(event) {
    const before = pointerAt;
    pointerAt = `${event.screenX},${event.screenY}`;
    return before !== "" && before !== pointerAt;
  }

  async function showNewCards(/** @type {MouseEvent} */ event) {
    const bar = event.target instanceof Element ? event.target.closest(".new-bar") : null;
    const list = document.getElementById("alert-list");
    if (bar === null || list?.dataset.group !== "open") return;
    event.preventDefault();
    const [first] = words(bar.getAttribute("data-fresh") || "");
    await drawRegions();
    bar.remove();
    const card = cardOf(first);
    card?.scrollIntoView({ block: "start" });
    card?.querySelector("a")?.focus({ preventScroll: true });
  }

  /** Where somebody's form stood. @type {HTMLElement | null} */
  let workedAt = null;

  function keepPlace(/** @type {Event} */ event) {
    workedAt = event.target instanceof Element ? event.target.closest("li[id], [data-live], main") : null;
  }

  /** What was pressed is gone with the old content: go on from the fault, or from what became of it, so that the next Tab leads on. */
  function restoreFocus() {
    if (workedAt === null || (document.activeElement !== null && document.activeElement !== body)) return;
    const place = workedAt.isConnected ? workedAt : document.getElementById("main");
    const next = ["[aria-invalid=true]", ".state[tabindex]", "h1, h2, h3"].map((which) => place?.querySelector(which)).find(Boolean);
    workedAt = null;
    if (!(next instanceof HTMLElement)) return;
    if (!next.matches("input, select, textarea")) next.tabIndex = -1;
    next.focus({ preventScroll: true });
  }

  /** The banner stands below the header, whose height depends on the band and the size of text. */
  function measure() {
    const top = document.querySelector(".top");
    if (top) page.style.setProperty("--top-height-now", `${top.getBoundingClientRect().height}px`);
  }

  function tick() {
    const now = performance.now();
    if (now - heardAt > SILENCE_MS) {
      warn(true);
      setLink("offline");
      // A broken line may look alive for minutes: begin anew.
      if (now - triedAt > RECONNECT_MS) connect();
    }
    if (dueAt !== null && now >= dueAt && document.visibilityState === "visible") void drawRegions();
  }

  for (const kind of ["pointerdown", "pointermove", "keydown", "wheel", "touchmove"]) {
    addEventListener(kind, touched, { passive: true, capture: true });
  }
  document.addEventListener("submit", keepPlace, { capture: true });
  document.addEventListener("htmx:after:swap", () => requestAnimationFrame(restoreFocus));
  addEventListener("scroll", clearSeenNews, { passive: true });
  addEventListener("focusin", makeRoom, { passive: true });
  addEventListener("resize", () => { measure(); makeRoom(); }, { passive: true });
  document.addEventListener("click", showNewCards);
  document.addEventListener("click", (event) => { if (event.target instanceof Element && event.target.closest("[data-print]")) print(); });
  // What was sent did not arrive: the reader must not believe that it did.
  document.addEventListener("htmx:error", () => warn(true));
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") void changed(); });
  addEventListener("pagehide", () => stream?.close());
  addEventListener("pageshow", (event) => { if (event.persisted) connect(); });

  measure();
  connect();
  setInterval(tick, 250);
  setInterval(plan, AGE_MS);
  reportShown(document.querySelectorAll("[data-alert]:not([data-faded])"));
})();
