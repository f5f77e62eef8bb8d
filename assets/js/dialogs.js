// Native dialogs and copy buttons: opened, closed and pressed without asking the server.
(() => {
  "use strict";

  const CONFIRM_MS = 1600;

  const say = (button, words) => {
    const before = button.dataset.words ?? button.textContent;
    button.dataset.words = before;
    button.textContent = words;
    setTimeout(() => { button.textContent = before; }, CONFIRM_MS);
  };

  // Without a secure origin there is no clipboard: select the text, so that the person can copy it.
  const copyByHand = (text) => {
    const area = document.createElement("textarea");
    area.value = text;
    (document.querySelector("dialog[open]") ?? document.body).append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  };

  const copy = async (button) => {
    const text = button.dataset.copy;
    try {
      await navigator.clipboard.writeText(text);
      say(button, "Copied");
    } catch {
      say(button, copyByHand(text) ? "Copied" : "Press Ctrl+C");
    }
  };

  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    const opener = target?.closest("[data-open-dialog]");
    if (opener) return document.getElementById(opener.dataset.openDialog)?.showModal();
    const closer = target?.closest("[data-close-dialog]");
    if (closer) return closer.closest("dialog")?.close();
    const copier = target?.closest("[data-copy]");
    if (copier) return void copy(copier);
    if (target?.matches("dialog.dialog")) target.close(); // the dimmed ground around it
  });
})();
