// @ts-check
// Keeps the wall of a duty room true: draws it anew at each change, sounds for what is critical until somebody has it,
// and says loudly when it is not connected. A wall that stands still must never look like a quiet night.
"use strict";

(() => {
  const SILENCE_MS = 20_000;
  const RECONNECT_MS = 5_000;
  const DRAW_EVERY_MS = 20_000;
  const SOUND_EVERY_MS = 4_000;

  const page = document.documentElement;
  const wall = document.getElementById("wall");
  const button = document.getElementById("sound");
  let heardAt = performance.now();
  let triedAt = heardAt;
  let drawnAt = heardAt;
  let soundedAt = -Infinity;
  let isAsking = false;
  let isStale = false;
  /** @type {EventSource | null} */
  let stream = null;
  /** @type {AudioContext | null} */
  let audio = null;

  function connect() {
    stream?.close();
    triedAt = performance.now();
    stream = new EventSource("/board/live");
    stream.addEventListener("open", () => void draw());
    stream.addEventListener("beat", heard);
    stream.addEventListener("change", () => { heard(); void draw(); });
  }

  function heard() {
    heardAt = performance.now();
  }

  /** Only an answer that was drawn counts as contact with what the wall shows. */
  async function draw() {
    isStale = true;
    if (isAsking || wall === null) return;
    isAsking = true;
    try {
      while (isStale) {
        isStale = false;
        const answer = await fetch("/parts/board", { redirect: "error" });
        if (!answer.ok) throw new Error(String(answer.status));
        wall.innerHTML = await answer.text();
        drawnAt = performance.now();
        heard();
      }
    } catch {
      // Not reachable, or this screen was ended: its age will say so.
    } finally {
      isAsking = false;
    }
  }

  function sound(/** @type {number} */ now) {
    if (audio?.state !== "running" || now - soundedAt < SOUND_EVERY_MS || !wall?.querySelector("[data-sound]")) return;
    soundedAt = now;
    for (const [late, pitch] of [[0, 880], [0.25, 660], [0.5, 880]]) {
      const tone = audio.createOscillator();
      const loudness = audio.createGain();
      tone.frequency.value = pitch;
      loudness.gain.value = 0.4;
      tone.connect(loudness).connect(audio.destination);
      tone.start(audio.currentTime + late);
      tone.stop(audio.currentTime + late + 0.2);
    }
  }

  button?.addEventListener("click", async () => {
    audio ??= new AudioContext();
    await audio.resume();
    soundedAt = -Infinity;
  });

  setInterval(() => {
    const now = performance.now();
    const isLost = now - heardAt > SILENCE_MS || now - drawnAt > 3 * DRAW_EVERY_MS;
    page.dataset.link = isLost ? "offline" : "online";
    document.getElementById("lost")?.toggleAttribute("hidden", !isLost);
    button?.toggleAttribute("hidden", audio?.state === "running");
    if (isLost && now - triedAt > RECONNECT_MS) connect();
    if (now - drawnAt > DRAW_EVERY_MS && !isAsking) void draw();
    sound(now);
  }, 500);
  connect();
})();
