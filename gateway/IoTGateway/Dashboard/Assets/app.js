// All the script there is. Pages are rendered by the gateway and work without it where nothing has to move; it brings
// what is live: parts of the page come rendered over one WebSocket and are fitted in place.

const main = document.getElementById("main");
const remember = (name, value) =>
  (document.cookie = `${name}=${value}; path=/; max-age=31536000; samesite=strict` + (location.protocol === "https:" ? "; secure" : ""));
remember("tz", Intl.DateTimeFormat().resolvedOptions().timeZone);

// ---- Times: the viewer's zone, with UTC on hover ----------------------------------------------------------------

// By the gateway's clock, as the page came with it: this machine's may be wrong.
const ahead = Number(main.dataset.now) - Date.now();
const nowMs = () => Date.now() + ahead;
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });
const dayMs = 86_400_000;

function ago(ms) {
  const seconds = Math.max(0, Math.round((nowMs() - ms) / 1000));
  if (seconds < 2) return "now";
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ago`;
  return day.format(ms);
}

customElements.define(
  "local-time",
  class extends HTMLElement {
    static observedAttributes = ["ms"];
    connectedCallback() { this.show(); }
    attributeChangedCallback() { this.show(); }
    show() {
      const ms = Number(this.getAttribute("ms"));
      const how = this.getAttribute("as");
      const isToday = new Date(ms).toDateString() === new Date(nowMs()).toDateString();
      const text = how === "ago" ? ago(ms)
        : how === "clock" && (isToday || Math.abs(nowMs() - ms) < dayMs / 2) ? clock.format(ms)
        : `${day.format(ms)}, ${clock.format(ms)}`;
      if (this.textContent !== text) this.textContent = text;
      this.title = new Date(ms).toISOString().replace("T", " ").replace(/\.\d+Z/, " UTC");
    }
  },
);
setInterval(() => document.querySelectorAll('local-time[as="ago"]').forEach((time) => time.show()), 1000);

// ---- Fitting rendered parts in place, so that focus, selection and open parts stay -------------------------------

function morph(old, now) {
  if (old.nodeType !== now.nodeType || old.nodeName !== now.nodeName) return old.replaceWith(now);
  if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== now.data) old.data = now.data;
    return;
  }
  if (old.nodeType !== Node.ELEMENT_NODE || old.isEqualNode(now)) return;
  // What it shows, and its title, are its own.
  if (old.nodeName === "LOCAL-TIME") return old.setAttribute("ms", now.getAttribute("ms"));
  for (const { name } of [...old.attributes])
    if (!now.hasAttribute(name) && !(name === "open" && old.nodeName === "DETAILS")) old.removeAttribute(name);
  for (const { name, value } of now.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  const olds = [...old.childNodes].filter((node) => node.dataset?.keep === undefined);
  const news = [...now.childNodes];
  const anchor = olds.length < news.length ? [...old.childNodes].find((node) => node.dataset?.keep !== undefined) : null;
  news.forEach((node, i) => (i < olds.length ? morph(olds[i], node) : old.insertBefore(node, anchor ?? null)));
  olds.slice(news.length).forEach((node) => node.remove());
}

function parse(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content.firstElementChild;
}

function fit(parts) {
  for (const [id, html] of Object.entries(parts ?? {})) {
    const old = document.getElementById(id);
    if (old) morph(old, parse(html));
  }
}

// ---- Rows: only those in sight are there; the rest is empty space of their height --------------------------------

const rows = document.querySelector("[data-rows]");

function fitRows({ ids, first, total, html }) {
  // Measured before anything moves: a look at the page while rows are out and space is not in yet would have the browser
  // take its scroll back.
  const height = rowHeight();
  const known = new Map([...rows.children].filter((row) => row.id).map((row) => [row.id, row]));
  const top = rows.querySelector(".space.top");
  const wanted = ids.map((id) => {
    const row = known.get(id);
    if (!html[id]) return row;
    if (!row) return parse(html[id]);
    morph(row, parse(html[id]));
    return row;
  });
  const keep = new Set(ids);
  for (const [id, row] of known) if (!keep.has(id)) row.remove();
  let before = top;
  for (const row of wanted) {
    if (!row) continue;
    if (before.nextElementSibling !== row) before.after(row);
    before = row;
  }
  Object.assign(rows.dataset, { first, total });
  rows.parentNode.setAttribute("aria-rowcount", total + 1);
  space(known.size ? height : rowHeight());
}

const rowHeight = () => rows.querySelector("tr.device")?.offsetHeight || 52;

function space(height = rowHeight()) {
  const { first, total } = rows.dataset;
  const shown = rows.querySelectorAll("tr.device").length;
  rows.querySelector(".space.top").firstElementChild.style.height = `${first * height}px`;
  rows.querySelector(".space.end").firstElementChild.style.height = `${Math.max(0, total - first - shown) * height}px`;
}

function inSight() {
  const height = rowHeight();
  const above = Math.max(0, -rows.getBoundingClientRect().top);
  const step = 8;
  const first = Math.max(0, Math.floor((above / height - step) / step) * step);
  return { first, count: Math.ceil((innerHeight / height + 3 * step) / step) * step };
}

// ---- The connection -------------------------------------------------------------------------------------------

let socket, waiting = 500, asked = "";

function ask(force) {
  if (!rows || socket?.readyState !== WebSocket.OPEN) return;
  const filters = document.querySelector("form[data-filters]");
  const text = JSON.stringify({ ...Object.fromEntries(filters ? new FormData(filters) : []), ...inSight() });
  if (text === asked && !force) return;
  asked = text;
  socket.send(text);
}

function connect() {
  const url = new URL(main.dataset.live, location.href);
  url.protocol = url.protocol.replace("http", "ws");
  socket = new WebSocket(url);
  socket.onopen = () => {
    waiting = 500;
    document.getElementById("offline").hidden = true;
    main.dataset.connected = "true";
    ask(true);
  };
  socket.onmessage = ({ data }) => {
    const { parts, list } = JSON.parse(data);
    fit(parts);
    if (list && rows) fitRows(list);
  };
  socket.onclose = ({ code }) => {
    delete main.dataset.connected;
    if (code === 4401) return location.reload();
    document.getElementById("offline").hidden = false;
    setTimeout(connect, waiting * (0.75 + Math.random() / 2));
    waiting = Math.min(waiting * 2, 15_000);
  };
}

if (main.dataset.live) connect();
if (rows) {
  space();
  addEventListener("scroll", () => ask(), { passive: true });
  addEventListener("resize", () => { space(); ask(); });
}

// ---- Forms ----------------------------------------------------------------------------------------------------

const filters = document.querySelector("form[data-filters]");
if (filters) {
  const changed = () => {
    const query = new URLSearchParams([...new FormData(filters)].filter(([, value]) => value));
    history.replaceState(null, "", query.size ? `?${query}` : location.pathname);
    scrollTo({ top: 0 });
    ask();
  };
  filters.addEventListener("input", changed);
  filters.addEventListener("submit", (event) => { event.preventDefault(); changed(); });
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.dataset.confirm && !form.dataset.confirmed) {
    event.preventDefault();
    return confirmFirst(form, event.submitter);
  }
  if (form.dataset.result === undefined) return;
  event.preventDefault();
  const result = document.getElementById(form.dataset.result);
  const body = new URLSearchParams(new FormData(form, event.submitter));
  try {
    const answer = await fetch(form.action, { method: "POST", body, headers: { "X-Part": "1" }, credentials: "same-origin" });
    if (answer.redirected || (answer.ok && form.dataset.reload !== undefined)) return location.reload();
    const isPart = answer.headers.get("content-type")?.startsWith("text/html");
    result.replaceChildren(isPart ? parse(await answer.text()) : failure((await answer.json()).detail));
  } catch {
    result.replaceChildren(failure("The gateway does not answer: nothing is known of what you asked for."));
  }
});

function failure(text) {
  const notice = document.createElement("p");
  notice.className = "notice bad";
  notice.textContent = text;
  return notice;
}

function confirmFirst(form, button) {
  const dialog = parse('<dialog aria-labelledby="sure"><p id="sure"></p><div class="buttons"><button value="">Cancel</button><button value="yes" class="primary"></button></div></dialog>');
  dialog.querySelector("p").textContent = form.dataset.confirm;
  dialog.querySelector(".primary").textContent = button?.textContent.trim() || "Yes";
  dialog.querySelectorAll("button").forEach((one) => one.addEventListener("click", () => dialog.close(one.value)));
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (dialog.returnValue !== "yes") return button?.focus();
    form.dataset.confirmed = "true";
    form.requestSubmit(button);
    delete form.dataset.confirmed;
  });
  document.body.append(dialog);
  dialog.showModal();
}

// A link with a ticket: it stands behind '#', so that no server and no log ever sees it.
const signIn = document.querySelector("form[data-sign-in]");
if (signIn && location.hash.length > 20) {
  signIn.elements.ticket.value = location.hash.slice(1);
  history.replaceState(null, "", location.pathname + location.search);
  signIn.elements.key.required = false;
  signIn.submit();
}

document.addEventListener("click", async (event) => {
  const copy = event.target.closest("[data-copy]");
  if (copy) {
    await navigator.clipboard.writeText(document.getElementById(copy.dataset.copy).textContent.trim());
    copy.textContent = "Copied";
  }
  if (event.target.closest("[data-theme-switch]")) {
    const dark = getComputedStyle(document.documentElement).colorScheme === "dark"
      || (!document.documentElement.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches);
    document.documentElement.dataset.theme = dark ? "light" : "dark";
    remember("theme", document.documentElement.dataset.theme);
  }
});

// ---- Charts: the value under the pointer -----------------------------------------------------------------------

const shapes = new WeakMap();

function shapeOf(svg) {
  const d = svg.querySelector(".line")?.getAttribute("d") ?? "";
  let shape = shapes.get(svg);
  if (shape?.d !== d) shapes.set(svg, (shape = { d, points: [...d.matchAll(/([\d.]+) ([\d.]+)/g)].map(([, x, y]) => [+x, +y]) }));
  return shape.points;
}

function overlay(plot) {
  let over = plot.querySelector("[data-keep]");
  if (!over) plot.append((over = parse('<div data-keep class="readout" aria-hidden="true" hidden></div>')));
  return over;
}

document.addEventListener("pointermove", (event) => {
  const plot = event.target.closest?.(".plot");
  document.querySelectorAll(".readout").forEach((one) => { if (one.parentNode !== plot) one.hidden = true; });
  const svg = plot?.querySelector("svg[data-x0]");
  if (!svg) return;
  const points = shapeOf(svg);
  if (!points.length) return;
  const box = svg.getBoundingClientRect();
  const scale = svg.viewBox.baseVal.width / box.width;
  const at = (event.clientX - box.left) * scale;
  const [x, y] = points.reduce((best, point) => (Math.abs(point[0] - at) < Math.abs(best[0] - at) ? point : best));
  const { x0, x1, y0, y1, left, right, top, bottom, digits, unit } = svg.dataset;
  const ms = +x0 + ((x - left) / (right - left)) * (x1 - x0);
  const value = +y0 + ((bottom - y) / (bottom - top)) * (y1 - y0);
  const readout = overlay(plot);
  readout.hidden = false;
  const long = x1 - x0 > dayMs;
  readout.replaceChildren(
    Object.assign(document.createElement("b"), { textContent: svg.dataset.switch ? (value > 0.5 ? "yes" : "no") : `${value.toFixed(digits)} ${unit}` }),
    `  ${long ? day.format(ms) + ", " : ""}${clock.format(ms)}`,
  );
  const px = x / scale;
  readout.style.left = `${Math.min(Math.max(0, px - readout.offsetWidth / 2), box.width - readout.offsetWidth)}px`;
  readout.style.top = `${Math.max(0, y / scale - 34)}px`;
}, { passive: true });
