// @ts-check
// What works without a page or a line: pushes are shown and acknowledged; without contact the last seen page stands,
// with its time and without live buttons. `SHELL` (the pages' own files) and `VERSION` are put before this by the server.
"use strict";

(() => {
  const worker = /** @type {any} */ (self);
  const SHELL_CACHE = `shell-${worker.VERSION}`;
  const PAGES_CACHE = "pages";
  const OFFLINE = "/offline";
  // A phone that waits longer has no contact worth the name.
  const PATIENCE_MS = 4_000;
  const MOST_PAGES = 20;
  // As long as a duty and its hand-over: nobody should find yesterday's people on a phone.
  const KEEP_MS = 12 * 3_600_000;

  worker.addEventListener("install", (/** @type {any} */ event) => {
    event.waitUntil(fillShell().then(() => worker.skipWaiting()));
  });

  worker.addEventListener("activate", (/** @type {any} */ event) => {
    event.waitUntil(dropOldShells().then(() => worker.clients.claim()));
  });

  worker.addEventListener("fetch", (/** @type {any} */ event) => {
    const { request } = event;
    const url = new URL(request.url);
    if (request.method !== "GET" || url.origin !== location.origin) return;
    if (url.pathname.startsWith("/static/")) event.respondWith(fromShell(request));
    else if (request.mode === "navigate") event.respondWith(navigate(request, url));
  });

  worker.addEventListener("push", (/** @type {any} */ event) => {
    const told = event.data.json();
    // Only what is shown has come: a phone that may not show it sends no receipt, and the next channel follows.
    event.waitUntil(show(told).then(() => acknowledge(told.token)));
  });

  worker.addEventListener("notificationclick", (/** @type {any} */ event) => {
    event.notification.close();
    event.waitUntil(open(event.notification.data.url));
  });

  worker.addEventListener("pushsubscriptionchange", (/** @type {any} */ event) => {
    event.waitUntil(subscribeAnew(event));
  });

  async function fillShell() {
    const cache = await caches.open(SHELL_CACHE);
    await cache.addAll([...worker.SHELL, OFFLINE]);
  }

  async function dropOldShells() {
    for (const name of await caches.keys()) {
      if (name.startsWith("shell-") && name !== SHELL_CACHE) await caches.delete(name);
    }
  }

  async function fromShell(/** @type {Request} */ request) {
    return (await caches.match(request)) || fetch(request);
  }

  async function navigate(/** @type {Request} */ request, /** @type {URL} */ url) {
    try {
      const answer = await inTime(fetch(request));
      if (url.pathname === "/sign-in") await caches.delete(PAGES_CACHE);
      else await keep(request, answer.clone());
      return answer;
    } catch {
      return lastSeen(request);
    }
  }

  function inTime(/** @type {Promise<Response>} */ answer) {
    return Promise.race([
      answer,
      new Promise((_, refuse) => setTimeout(() => refuse(new Error("no answer")), PATIENCE_MS)),
    ]);
  }

  async function keep(/** @type {Request} */ request, /** @type {Response} */ answer) {
    const isPage = (answer.headers.get("content-type") || "").startsWith("text/html");
    if (answer.status !== 200 || answer.redirected || !isPage) return;
    const cache = await caches.open(PAGES_CACHE);
    const headers = { "Content-Type": "text/html; charset=utf-8", "X-Seen": String(Date.now()) };
    const policy = answer.headers.get("content-security-policy");
    if (policy) headers["Content-Security-Policy"] = policy;
    await cache.put(request.url, new Response(await answer.text(), { headers }));
    const kept = await cache.keys();
    for (const old of kept.slice(0, Math.max(0, kept.length - MOST_PAGES))) await cache.delete(old);
  }

  async function lastSeen(/** @type {Request} */ request) {
    const cache = await caches.open(PAGES_CACHE);
    const kept = await cache.match(request.url);
    if (!kept) return (await caches.match(OFFLINE)) || Response.error();
    if (Date.now() - Number(kept.headers.get("x-seen")) > KEEP_MS) {
      await caches.delete(PAGES_CACHE);
      return (await caches.match(OFFLINE)) || Response.error();
    }
    return new Response(stilled(await kept.text()), { headers: kept.headers });
  }

  /** The page as it was, and plainly so: its note of lost contact shown, its buttons dead. @param {string} page */
  function stilled(page) {
    return page
      .replace("<html ", '<html data-link="offline" data-saved ')
      .replace(/(<div class="offline-note"[^>]*) hidden/, "$1")
      .replaceAll(/<button(?![^>]*popovertarget)/g, "<button disabled");
  }

  function show(/** @type {any} */ told) {
    return worker.registration.showNotification(told.title, {
      body: told.body,
      lang: told.language,
      tag: told.tag,
      renotify: true,
      requireInteraction: told.is_critical,
      vibrate: told.is_critical ? [600, 200, 600, 200, 600] : [300],
      icon: "/icon-192.png",
      data: { url: told.url },
    });
  }

  /** Says that the message came; without contact a later one will have to. @param {string} token */
  async function acknowledge(token) {
    try {
      await fetch(`/api/notifications/${encodeURIComponent(token)}/received`, { method: "POST" });
    } catch {
      // The server will try another way to this person.
    }
    for (const client of await worker.clients.matchAll({ type: "window" })) client.postMessage({ arrived: token });
  }

  async function open(/** @type {string} */ path) {
    const url = new URL(path, location.origin).href;
    const windows = await worker.clients.matchAll({ type: "window" });
    const there = windows.find((/** @type {any} */ one) => one.url === url) || windows[0];
    if (!there) return worker.clients.openWindow(url);
    await there.focus();
    return there.url === url ? there : there.navigate(url);
  }

  /** The browser has got another address for us to push to. @param {any} event */
  async function subscribeAnew(event) {
    const { key } = await (await fetch("/api/push/key")).json();
    const subscription =
      event.newSubscription ||
      (await worker.registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key }));
    await fetch("/api/push/subscriptions", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(subscription),
    });
  }
})();
