// @ts-check
// Turns push and sound on or off on this device, and tries them: a tick stands where the message really came.
"use strict";

(() => {
  const WAIT_MS = 20_000;
  const LOOK_MS = 1_000;
  const box = document.querySelector("[data-device-check]");
  if (!(box instanceof HTMLElement)) return;
  const words = box.dataset;
  const own = /** @type {any} */ (window)["livsrytme"];

  const find = (/** @type {string} */ what) => /** @type {HTMLElement | null} */ (box.querySelector(what));
  const hide = (/** @type {string} */ what, /** @type {boolean} */ isHidden) => {
    const found = find(what);
    if (found) found.hidden = isHidden;
  };

  function say(/** @type {string} */ of, /** @type {"good" | "bad" | "wait"} */ how, /** @type {string | undefined} */ text) {
    const place = find(`[data-result="${of}"]`);
    if (!place) return;
    place.dataset.state = how;
    place.textContent = text || "";
  }

  // ---- push ----

  const canPush = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

  async function registration() {
    return navigator.serviceWorker.ready;
  }

  async function showPush() {
    const has = canPush && (await (await registration()).pushManager.getSubscription()) !== null;
    hide("[data-push=on]", !canPush || has || Notification.permission === "denied");
    hide("[data-push=off]", !has);
    hide('[data-try="push"]', !has);
    if (!canPush) say("push", "bad", words.noPush);
    else if (Notification.permission === "denied") say("push", "bad", words.denied);
    else if (!has) say("push", "wait", words.pushOff);
  }

  async function pushOn() {
    if ((await Notification.requestPermission()) !== "granted") return showPush();
    const { key } = await (await fetch("/api/push/key")).json();
    const subscription = await (await registration()).pushManager.subscribe({
      userVisibleOnly: true,
      applicationServerKey: key,
    });
    const answer = await send("POST", "/api/push/subscriptions", subscription);
    if (!answer.ok) await subscription.unsubscribe();
    say("push", answer.ok ? "good" : "bad", answer.ok ? words.pushOn : words.refused);
    return showPush();
  }

  async function pushOff() {
    const subscription = await (await registration()).pushManager.getSubscription();
    if (subscription) {
      await send("DELETE", "/api/push/subscriptions", { endpoint: subscription.endpoint });
      await subscription.unsubscribe();
    }
    return showPush();
  }

  function send(/** @type {string} */ method, /** @type {string} */ path, /** @type {unknown} */ what) {
    return fetch(path, { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(what) });
  }

  async function tryPush() {
    say("push", "wait", words.waiting);
    const begun = await send("POST", "/api/me/channels/test", { channel: "push" });
    if (!begun.ok) return say("push", "bad", begun.status === 429 ? words.tooSoon : words.failed);
    const { id } = await begun.json();
    const until = performance.now() + WAIT_MS;
    while (performance.now() < until) {
      await new Promise((done) => setTimeout(done, LOOK_MS));
      const found = await (await fetch(`/api/me/channels/test/${id}`)).json();
      const push = found.find((/** @type {any} */ one) => one.channel === "push");
      if (push?.received_at) return say("push", "good", words.arrived);
      if (push?.failed && !push.is_waiting) return say("push", "bad", words.failed);
    }
    return say("push", "bad", words.notArrived);
  }

  // ---- sound and vibration ----

  function showSound() {
    const input = find("[data-sound]");
    if (input instanceof HTMLInputElement) input.checked = own.isOn();
    if (!own.canShake()) say("vibration", "bad", words.noVibration);
    hide('[data-try="vibration"]', !own.canShake());
  }

  async function trySound() {
    await own.sound();
    own.setSound(true);
    showSound();
    say("sound", "good", words.played);
  }

  function tryVibration() {
    const did = own.shake();
    say("vibration", did ? "good" : "bad", did ? words.shook : words.noVibration);
  }

  const acts = { push: tryPush, sound: trySound, vibration: tryVibration };

  box.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    if (!button) return;
    if (button.dataset.push === "on") void pushOn().catch(() => say("push", "bad", words.refused));
    if (button.dataset.push === "off") void pushOff();
    const what = button.dataset.try;
    if (what && what in acts) void acts[/** @type {keyof typeof acts} */ (what)]();
  });
  find("[data-sound]")?.addEventListener("change", (event) => {
    own.setSound(event.target instanceof HTMLInputElement && event.target.checked);
  });

  box.hidden = false;
  showSound();
  void showPush();
})();
