// Places to drop files on. Files travel in pieces with tus: an upload can be paused, and goes on after a broken line.
// The library is fetched only when such a place is on the page.
(() => {
  "use strict";

  const LIBRARY = "/assets/vendor/uppy/uppy-6.0.1.min.mjs";
  const ENDPOINT = "/files";
  const PIECE_BYTES = 8 * 2 ** 20;
  const RETRY_MS = [0, 1000, 3000, 5000, 10000, 20000];
  const SPEED_MEMORY = 0.7;

  const cookie = (name) => {
    const pair = document.cookie.split("; ").find((entry) => entry.startsWith(name + "="));
    return pair ? decodeURIComponent(pair.slice(name.length + 1)) : "";
  };

  const sizeText = (bytes) => {
    const units = ["B", "KiB", "MiB", "GiB", "TiB"];
    const power = bytes > 0 ? Math.min(Math.floor(Math.log(bytes) / Math.log(1024)), units.length - 1) : 0;
    return `${Number((bytes / 1024 ** power).toPrecision(3))} ${units[power]}`;
  };

  const timeText = (seconds) => {
    if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s left`;
    if (seconds < 3600) return `${Math.round(seconds / 60)} min left`;
    return `${(seconds / 3600).toFixed(1)} h left`;
  };

  const make = (tag, className, words) => {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (words) element.textContent = words;
    return element;
  };

  const button = (words, label, act) => {
    const element = make("button", "btn btn-outline-secondary btn-sm", words);
    element.type = "button";
    element.setAttribute("aria-label", label);
    element.addEventListener("click", act);
    return element;
  };

  const refusal = (file, maxBytes) => {
    if (file.size === 0) return `${file.name} is empty. Choose a file with content.`;
    if (file.size > maxBytes) {
      return `${file.name} has ${sizeText(file.size)}; this portal takes files up to ${sizeText(maxBytes)}. ` +
        "Compress it, keep only the columns that matter, or make an entry without a main file that says where the data are.";
    }
    return "";
  };

  // What the server said, in its own words; else what happened to the line.
  const reason = (error) => {
    const body = error?.originalResponse?.getBody?.() || error?.detailed?.originalResponse?.getBody?.();
    try {
      return JSON.parse(body).detail;
    } catch {
      return "The upload broke off. Check the connection, then press Retry.";
    }
  };

  class Row {
    constructor(zone, file) {
      this.zone = zone;
      this.name = file.name;
      this.size = file.size;
      this.staged = null;
      this.speed = 0;
      this.last = null;
      this.element = make("li", "upload-row");
      this.bar = make("progress", "upload-bar");
      this.bar.max = 1;
      this.bar.value = 0;
      this.bar.setAttribute("aria-label", `Upload of ${file.name}`);
      this.words = make("span", "upload-words", "waiting");
      this.tools = make("span", "upload-tools");
      const head = make("span", "upload-name", `${file.name} `);
      head.append(make("span", "upload-size", sizeText(file.size)));
      this.element.append(head, this.bar, this.words, this.tools);
      this.pauseButton = button("Pause", `Pause ${file.name}`, () => this.togglePause());
      this.tools.append(this.pauseButton, button("Remove", `Remove ${file.name}`, () => zone.remove(this)));
    }

    togglePause() {
      const paused = this.zone.uppy.pauseResume(this.id);
      this.pauseButton.textContent = paused ? "Resume" : "Pause";
      this.pauseButton.setAttribute("aria-label", `${paused ? "Resume" : "Pause"} ${this.name}`);
      this.last = null;
      if (paused) this.words.textContent = "paused";
    }

    progress(sent) {
      const now = performance.now();
      if (this.last && now > this.last.at) {
        const speed = (1000 * (sent - this.last.sent)) / (now - this.last.at);
        this.speed = this.speed ? SPEED_MEMORY * this.speed + (1 - SPEED_MEMORY) * speed : speed;
      }
      this.last = { at: now, sent };
      this.bar.value = this.size ? sent / this.size : 0;
      const parts = [`${Math.floor(100 * this.bar.value)} %`];
      if (this.speed > 0) parts.push(`${sizeText(this.speed)}/s`, timeText((this.size - sent) / this.speed));
      this.words.textContent = parts.join(" · ");
    }

    arrived(staged) {
      this.staged = staged;
      this.bar.value = 1;
      this.words.textContent = "arrived";
      this.element.classList.add("is-done");
      this.pauseButton.remove();
    }

    failed(sentence) {
      this.words.textContent = "";
      const line = make("span", "upload-error", sentence);
      line.setAttribute("role", "alert");
      this.words.append(line);
      this.element.classList.add("is-failed");
      this.pauseButton.replaceWith(this.retryButton ?? (this.retryButton = button("Retry", `Retry ${this.name}`, () => this.retry())));
    }

    retry() {
      this.element.classList.remove("is-failed");
      this.words.textContent = "waiting";
      this.retryButton.replaceWith(this.pauseButton);
      this.zone.uppy.retryUpload(this.id);
    }
  }

  class Zone {
    constructor(element, library) {
      this.element = element;
      this.store = element.dataset.uploadZone;
      this.multiple = element.dataset.uploadMultiple === "true";
      this.maxBytes = Number(element.dataset.uploadMaxBytes);
      this.rows = new Map();
      this.uppy = this.engine(library);
      this.draw();
    }

    engine({ Uppy, Tus }) {
      const uppy = new Uppy({ id: this.store, autoProceed: true, allowMultipleUploadBatches: true });
      uppy.use(Tus, {
        endpoint: ENDPOINT,
        chunkSize: PIECE_BYTES,
        limit: 2,
        retryDelays: RETRY_MS,
        removeFingerprintOnSuccess: true,
        allowedMetaFields: ["filename"],
        onBeforeRequest: (request) => request.setHeader("X-CSRFToken", cookie("_csrf_token")),
      });
      uppy.on("upload-progress", (file, progress) => this.rows.get(file?.id)?.progress(progress.bytesUploaded));
      uppy.on("upload-success", (file, answer) => void this.stage(file, answer.uploadURL));
      uppy.on("upload-error", (file, error) => this.fail(file, reason(error)));
      return uppy;
    }

    draw() {
      const drop = make("label", "upload-drop");
      const input = make("input", "upload-input");
      input.type = "file";
      input.multiple = this.multiple;
      const label = document.getElementById(this.element.getAttribute("aria-labelledby"))?.textContent ?? "File";
      input.setAttribute("aria-label", label);
      drop.append(input, make("strong", "", this.multiple ? "Choose files" : "Choose a file"), make("span", "", " or drop here"));
      this.problem = make("p", "upload-error");
      this.problem.setAttribute("role", "alert");
      this.list = make("ul", "upload-list");
      this.element.replaceChildren(drop, this.problem, this.list);
      input.addEventListener("change", () => { this.add([...input.files]); input.value = ""; });
      for (const kind of ["dragenter", "dragover"]) drop.addEventListener(kind, (event) => this.hover(event, true));
      drop.addEventListener("dragleave", (event) => this.hover(event, false));
      drop.addEventListener("drop", (event) => { this.hover(event, false); this.add([...event.dataTransfer.files]); });
    }

    hover(event, over) {
      event.preventDefault();
      this.element.classList.toggle("is-over", over);
    }

    add(files) {
      submitLater = null;
      this.problem.textContent = "";
      const taken = this.multiple ? files : files.slice(0, 1);
      if (!this.multiple && taken.length) [...this.rows.values()].forEach((row) => this.remove(row));
      taken.forEach((file) => this.addOne(file));
      this.tell();
    }

    addOne(file) {
      const wrong = refusal(file, this.maxBytes);
      if (wrong) { this.problem.textContent = wrong; return; }
      const row = new Row(this, file);
      try {
        row.id = this.uppy.addFile({ name: file.name, data: file, type: file.type, meta: { filename: file.name } });
      } catch {
        this.problem.textContent = `${file.name} is in the list already.`;
        return;
      }
      this.rows.set(row.id, row);
      this.list.append(row.element);
    }

    remove(row) {
      submitLater = null;
      this.rows.delete(row.id);
      row.element.remove();
      this.uppy.removeFile(row.id);
      this.tell();
    }

    async stage(file, address) {
      const row = this.rows.get(file.id);
      if (!row) return;
      const answer = await fetch(address.replace(/\/$/, "") + "/staged");
      const said = await answer.json().catch(() => ({}));
      if (answer.ok) row.arrived(said);
      else row.failed(said.detail ?? "The file arrived but could not be kept. Press Retry.");
      this.tell();
      if (answer.ok) submitArrived();
    }

    fail(file, sentence) {
      this.rows.get(file?.id)?.failed(sentence);
      this.tell();
    }

    tell() {
      const rows = [...this.rows.values()];
      const files = rows.filter((row) => row.staged).map((row) => row.staged);
      const pending = rows.filter((row) => !row.staged && !row.element.classList.contains("is-failed")).length;
      window.pzserver.tell(this.store, { data: { files, pending } });
    }
  }

  const isBusy = () => [...zones].some((zone) => zone.element.isConnected && [...zone.rows.values()].some((row) => !row.staged));
  const zones = new Set();

  // Who presses Submit while files are on their way does not have to come back: the button is pressed again for them.
  let submitLater = null;

  const submitArrived = () => {
    if (!submitLater?.isConnected) submitLater = null;
    if (!submitLater || isBusy()) return;
    if (submitLater.disabled) { setTimeout(submitArrived, 100); return; }
    const submit = submitLater;
    submitLater = null;
    setTimeout(() => submit.click(), 0);
  };

  document.addEventListener("click", (event) => {
    const submit = event.target.closest?.("[data-submit-when-arrived]");
    if (submit) submitLater = isBusy() ? submit : null;
  }, true);

  const begin = async (element) => {
    if (element.dataset.uploadReady) return;
    element.dataset.uploadReady = "true";
    zones.add(new Zone(element, await import(LIBRARY)));
  };

  const sweep = () => {
    for (const zone of zones) {
      if (zone.element.isConnected) continue;
      zone.uppy.destroy();
      zones.delete(zone);
    }
  };

  new MutationObserver(() => {
    document.querySelectorAll("[data-upload-zone]:not([data-upload-ready])").forEach((element) => void begin(element));
    sweep();
  }).observe(document.documentElement, { childList: true, subtree: true });

  window.addEventListener("beforeunload", (event) => { if (isBusy()) event.preventDefault(); });
})();
