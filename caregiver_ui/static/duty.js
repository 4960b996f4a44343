// @ts-check
// On the page of duty: draws anew when a test alert has come or should have, and tries sound and vibration.
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

  const button = document.getElementById("sound-test");
  const said = document.getElementById("sound-said");
  if (!(button instanceof HTMLButtonElement) || said === null) return;
  button.disabled = false;
  button.addEventListener("click", async () => {
    const vibrate = navigator.vibrate?.bind(navigator);
    vibrate?.([400, 200, 400]);
    try {
      await play();
      said.textContent = said.dataset.played ?? "";
    } catch {
      said.textContent = said.dataset.blocked ?? "";
    }
  });

  /** Two rising tones, twice: told apart from a telephone's own. */
  async function play() {
    const context = new AudioContext();
    await context.resume();
    if (context.state !== "running") throw new Error("not allowed");
    const volume = context.createGain();
    volume.gain.value = 0.4;
    volume.connect(context.destination);
    for (const [at, tone] of [[0, 660], [0.25, 880], [0.7, 660], [0.95, 880]]) {
      const voice = context.createOscillator();
      voice.frequency.value = tone;
      voice.connect(volume);
      voice.start(context.currentTime + at);
      voice.stop(context.currentTime + at + 0.2);
    }
  }
})();
