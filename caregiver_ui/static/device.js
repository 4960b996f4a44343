// @ts-check
// What this device does by itself: it keeps the app for when there is no contact, and sounds while a critical alert that
// its person was told of is in nobody's hands. Other scripts use `livsrytme` to try it.
(() => {
  "use strict";

  const SOUND = "livsrytme-sound";
  const ASK_MS = 15_000;
  const AGAIN_MS = 4_000;
  const SHAKE = [600, 200, 600];
  const body = document.body;
  const unlock = document.getElementById("sound-unlock");

  /** @type {AudioContext | null} */
  let audio = null;
  let isRinging = false;

  const isOn = () => localStorage.getItem(SOUND) === "on";

  function ready() {
    audio ??= new AudioContext();
    return audio;
  }

  /** Two tones, three times: heard through a door, and unlike any telephone. Must begin with a tap the first time. */
  async function sound() {
    const context = ready();
    await context.resume();
    const start = context.currentTime;
    for (let beat = 0; beat < 6; beat += 1) {
      const tone = context.createOscillator();
      const loudness = context.createGain();
      tone.frequency.value = beat % 2 ? 660 : 880;
      const from = start + beat * 0.22;
      loudness.gain.setValueAtTime(0, from);
      loudness.gain.linearRampToValueAtTime(0.9, from + 0.02);
      loudness.gain.setValueAtTime(0.9, from + 0.16);
      loudness.gain.linearRampToValueAtTime(0, from + 0.2);
      tone.connect(loudness).connect(context.destination);
      tone.start(from);
      tone.stop(from + 0.21);
    }
  }

  const shake = () => "vibrate" in navigator && navigator.vibrate(SHAKE);

  async function ask() {
    if (!body.dataset.ringing) return;
    try {
      const answer = await fetch(body.dataset.ringing);
      if (answer.ok) isRinging = (await answer.json()).ringing;
    } catch {
      // Without contact what rang goes on: nobody has said that somebody took it.
    }
    page();
  }

  function page() {
    document.documentElement.toggleAttribute("data-ringing", isRinging);
    if (unlock) unlock.hidden = !(isRinging && isOn() && audio?.state !== "running");
  }

  function ring() {
    if (!isRinging) return;
    shake();
    if (isOn() && audio?.state === "running") void sound();
    page();
  }

  /** A browser lets no page sound before it is touched. */
  function touched() {
    if (isOn() && audio?.state !== "running") void ready().resume().then(page);
  }

  const livsrytme = {
    sound,
    shake,
    canShake: () => "vibrate" in navigator,
    isOn,
    setSound(/** @type {boolean} */ wanted) {
      localStorage.setItem(SOUND, wanted ? "on" : "off");
      page();
    },
  };
  Object.assign(window, { livsrytme });

  document.addEventListener("livsrytme:change", () => void ask());
  addEventListener("pointerdown", touched, { passive: true });
  addEventListener("keydown", touched, { passive: true });
  unlock?.addEventListener("click", () => void sound().then(page));
  void ask();
  setInterval(ask, ASK_MS);
  setInterval(ring, AGAIN_MS);

  function keepApp() {
    navigator.serviceWorker?.register("/sw.js").catch(() => {
      // A browser that keeps no worker works as any other page does.
    });
  }
  // What it fetches must not stand in the way of the first page.
  if (document.readyState === "complete") keepApp();
  else addEventListener("load", keepApp, { once: true });
})();
